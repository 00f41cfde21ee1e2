/* sanitized.h - is this a sanitizer's build? Its runtime reads /proc, attaches to its own threads at the end, makes
 * calls of its own and puts functions that do nothing in the place of mlock(3). */
#ifndef REFRESHER_BASE_SANITIZED_H
#define REFRESHER_BASE_SANITIZED_H

/* GCC defines a macro, clang answers a question. */
#if defined(__has_feature)
#define SANITIZED_FEATURE(x) __has_feature(x)
#else
#define SANITIZED_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || SANITIZED_FEATURE(address_sanitizer) ||           \
	SANITIZED_FEATURE(thread_sanitizer) || SANITIZED_FEATURE(memory_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

#endif
