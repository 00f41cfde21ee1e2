#include "sink/filesystem.h"

#include "sink/explain.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool filesystem_lacks(int sys_errno)
{
	/* ENOTSUP is EOPNOTSUPP here. */
	return sys_errno == EINVAL || sys_errno == EOPNOTSUPP || sys_errno == ENOSYS || sys_errno == EBADF ||
	       sys_errno == ENOLCK;
}

int filesystem_sync(struct sink *s, struct err *e)
{
	/* What has no fsync loses data only in a power cut, so numbers flow; a failure means that they are lost
	 * already. */
	if (s->io->fsync(s->fd) == 0)
		return 0;
	if (!filesystem_lacks(errno))
		return explain(&s->output, DOING_SYNC, "", errno, e);
	sink_note(s, NOTE_FILE_SYNC,
		  "the file system of %.100s cannot bring a file to the disk (%s): a power cut may leave it short",
		  s->output.dir, strerror(errno));
	return 0;
}

int filesystem_sync_directory(struct sink *s, struct err *e)
{
	/* The name of a file is its directory's data: without this a power cut may bring the old file back. */
	if (s->io->fsync(s->output.dir_fd) == 0)
		return 0;
	if (!filesystem_lacks(errno))
		return err_set(e, ERR_IO, errno,
			       "%.200s is changed, but its directory did not reach the disk: a power cut may undo it",
			       s->output.path);
	sink_note(s, NOTE_DIRECTORY_SYNC,
		  "the file system of %.100s cannot bring a directory to the disk (%s): a power cut may bring the file "
		  "before the last one back",
		  s->output.dir, strerror(errno));
	return 0;
}

/* Only root, or who is that owner already, gives a file away. To the latter no right is wanting. */
static int owner_refused(const struct sink *s, int sys_errno, struct err *e)
{
	const char *dir = s->output.dir;
	unsigned uid = s->config->uid, gid = s->config->gid, we = geteuid();
	bool denied = sys_errno == EPERM || sys_errno == EACCES;

	/* A disk that fails says so itself. */
	if (!denied && !filesystem_lacks(sys_errno))
		return explain(&s->output, DOING_OWN, "", sys_errno, e);

	/* Whoever is that owner, and is refused, has no right to ask for. */
	if (!denied || uid == we)
		return err_set(e, ERR_CANTCREAT, sys_errno,
			       "the file system of %.150s refuses output.owner %u:%u, or this user namespace does not "
			       "have it; leave output.owner empty, or choose another FILE",
			       dir, uid, gid);
	return err_set(
		e, ERR_NOPERM, sys_errno,
		"uid %u may not give files to output.owner %u:%u: it is not that owner and has not the capability "
		"CHOWN%s; set confine.user to that owner, or leave output.owner empty",
		we, uid, gid, we == 0 ? ", or the file system refuses" : "");
}

/* The mode is not the wanted one: fchmod(2) was refused with sys_errno, or (0) had no effect. */
static int mode_refused(struct sink *s, mode_t wanted, mode_t got, int sys_errno, struct err *e)
{
	unsigned want = wanted, have = got & 07777;
	const char *dir = s->output.dir, *how = sys_errno ? strerror(sys_errno) : "it has no effect";

	/* We own the file, so EPERM and EACCES are no matter of rights. A disk that fails says so itself. */
	bool lacks = sys_errno == 0 || sys_errno == EPERM || sys_errno == EACCES || filesystem_lacks(sys_errno);
	if (!lacks)
		return explain(&s->output, DOING_OWN, "", sys_errno, e);

	/* Who asked for a mode is not served by another one; who did not gets numbers, and is told. */
	if (s->config->mode_is_set)
		return err_set(e, ERR_CANTCREAT, 0,
			       "the file system of %.150s does not set output.mode %04o (%s), its files have mode "
			       "%04o; leave output.mode out, set the mode where it is mounted, or choose another FILE",
			       dir, want, how, have);
	sink_note(s, NOTE_MODE,
		  "%.100s has mode %04o and not %04o: its file system does not set it (%s); what readers need is set "
		  "where it is mounted",
		  s->output.path, have, want, how);
	return 0;
}

int filesystem_own(struct sink *s, mode_t mode, struct err *e)
{
	struct stat st;
	bool uid = s->config->uid != (uid_t)-1, gid = s->config->gid != (gid_t)-1;

	/* The owner first, since fchown(2) may clear bits of the mode. */
	if ((uid || gid) && s->io->fchown(s->fd, s->config->uid, s->config->gid) < 0)
		return owner_refused(s, errno, e);
	int fault = s->io->fchmod(s->fd, mode) < 0 ? errno : 0;

	/* Both may be taken and have no effect, so what came of them is checked. */
	if (s->io->fstat(s->fd, &st) < 0)
		return explain(&s->output, DOING_OWN, "", errno, e);
	if ((uid && st.st_uid != s->config->uid) || (gid && st.st_gid != s->config->gid))
		return err_set(e, ERR_CANTCREAT, 0,
			       "the file system of %.150s gives its files to %u:%u, whatever output.owner says; leave "
			       "output.owner empty, or choose another FILE",
			       s->output.dir, (unsigned)st.st_uid, (unsigned)st.st_gid);

	/* sink_open_published knows the file by its owner, which may be another than we are. */
	atomic_store(&s->published_uid, st.st_uid);
	return (st.st_mode & 07777) == mode ? 0 : mode_refused(s, mode, st.st_mode, fault, e);
}
