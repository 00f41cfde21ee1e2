#include "source/tty.h"

#include <errno.h>
#include <unistd.h>

/* Input is changed, eaten or answered with any of these; XON and XOFF of a noise source are samples. */
static const tcflag_t cooked_in = IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF | IUTF8;
static const tcflag_t cooked_local = ECHO | ECHONL | ICANON | ISIG | IEXTEN;

bool tty_is_raw(const struct termios *t)
{
	return (t->c_iflag & cooked_in) == 0 && (t->c_lflag & cooked_local) == 0 && (t->c_cflag & CSIZE) == CS8 &&
	       (t->c_cflag & CREAD) && t->c_cc[VMIN] == 1 && t->c_cc[VTIME] == 0;
}

int tty_make_raw(int fd, const char *path, struct err *e)
{
	struct termios t;
	if (!isatty(fd))
		return 0;

	/* A person needs the terminal of this session as it is. */
	if (tcgetsid(fd) == getsid(0))
		return err_set(e, ERR_UNAVAILABLE, 0,
			       "%.128s is the terminal that refresher was started from; name the generator's device",
			       path);

	/* CLOCAL: a generator has no modem whose carrier would have to be waited for. */
	if (tcgetattr(fd, &t) < 0)
		return err_set(e, ERR_UNAVAILABLE, errno, "%.128s: the terminal's settings cannot be read", path);

	/* cfmakeraw(3) leaves a few flags alone that would change or eat bytes. A read returns with the first byte. */
	cfmakeraw(&t);
	t.c_iflag &= ~cooked_in;
	t.c_cflag |= CLOCAL | CREAD;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;

	/* tcsetattr(3) succeeds when it could change anything at all, so what came of it is looked at. */
	if (tcsetattr(fd, TCSANOW, &t) < 0 || tcgetattr(fd, &t) < 0)
		return err_set(e, ERR_UNAVAILABLE, errno, "%.128s: the terminal cannot be set raw", path);
	if (!tty_is_raw(&t))
		return err_set(e, ERR_UNAVAILABLE, 0,
			       "%.128s: the terminal does not become raw, so that bytes would be changed on the way",
			       path);

	/* What was read in cooked mode may be changed already. */
	tcflush(fd, TCIFLUSH);
	return 0;
}
