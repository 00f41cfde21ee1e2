#include "base/trim.h"

#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STACK_BYTES = 256 * 1024 }; /* further down no call of the start has come */

/* The loader wrote into the code of such an object; its pages are no copy of the file. */
static bool has_text_relocations(const struct dl_phdr_info *object)
{
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &object->dlpi_phdr[i];
		if (ph->p_type != PT_DYNAMIC)
			continue;

		/* An entry of its own says so, or a flag, which took its place. */
		const ElfW(Dyn) *d = (const void *)(object->dlpi_addr + ph->p_vaddr);
		for (; d->d_tag != DT_NULL; d++)
			if (d->d_tag == DT_TEXTREL || (d->d_tag == DT_FLAGS && (d->d_un.d_val & DF_TEXTREL)))
				return true;
	}
	return false;
}

/* Relocated constants (RELRO) lie in a segment with PF_W: they stay. */
static int drop_clean_segments(struct dl_phdr_info *object, size_t size, void *self)
{
	const uintptr_t page = *(const uintptr_t *)self;
	(void)size;

	/* Only pages that are what the file has can come back from it. */
	if (has_text_relocations(object))
		return 0;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &object->dlpi_phdr[i];
		if (ph->p_type != PT_LOAD || (ph->p_flags & PF_W))
			continue;

		/* Whole pages, from the one in which the segment begins. */
		uintptr_t at = object->dlpi_addr + ph->p_vaddr, start = at & ~(page - 1);
		madvise((void *)start, at + ph->p_memsz - start, MADV_DONTNEED); /* refused: the pages just stay */
	}
	return 0;
}

void trim_memory(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), here = (uintptr_t)__builtin_frame_address(0) & ~(page - 1);

	/* The heap first, then each object that the loader knows, the program among them. */
	malloc_trim(0);
	dl_iterate_phdr(drop_clean_segments, &page);

	/* Of the stack what lies below this frame's page and the next one, which the call itself needs: the kernel puts
	 * nothing else so near to it. */
	madvise((void *)(here - page - STACK_BYTES), STACK_BYTES, MADV_DONTNEED);
}
