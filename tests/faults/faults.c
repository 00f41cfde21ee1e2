#include "faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void faults_init(struct faults *f, uint64_t seed)
{
	memset(f, 0, sizeof *f);
	pthread_mutex_init(&f->mutex, NULL);
	pthread_cond_init(&f->changed, NULL);
	behave_init(&f->device, seed);
}

static bool op_by_name(const char *name, enum fault_op *op)
{
	static const char *const names[FAULT_OPS] = {"create", "write", "fsync", "fsyncdir", "rename",
						     "unlink", "chmod", "lock",  "truncate"};
	for (int i = 0; i < FAULT_OPS; i++) {
		if (strcmp(names[i], name) == 0) {
			*op = (enum fault_op)i;
			return true;
		}
	}
	return false;
}

/* VERB OP [WORD [NUMBER]] */
static bool set_rule(struct faults *f, const char *line)
{
	char verb[8] = "", name[16] = "", word[16] = "";
	long times = -1;
	enum fault_op op;
	sscanf(line, "%7s %15s %15s %ld", verb, name, word, &times);
	if (!op_by_name(name, &op))
		return false;
	struct fault_rule r = {.times = times};
	if (strcmp(verb, "fail") == 0)
		r.error = errno_by_name(word);
	else if (strcmp(verb, "hang") == 0)
		r.hang = true;
	else if (strcmp(verb, "short") == 0)
		r.limit = (size_t)strtoul(word, NULL, 10);
	if (!r.error && !r.hang && !r.limit)
		return false;
	f->rules[op] = r;
	return true;
}

bool faults_command(struct faults *f, const char *line, char *answer, size_t len)
{
	bool done = true;
	pthread_mutex_lock(&f->mutex);
	snprintf(answer, len, "done %s", line);
	if (strncmp(line, "device ", 7) == 0) {
		done = behave_set(&f->device, line + 7);
	} else if (strcmp(line, "clear") == 0) {
		memset(f->rules, 0, sizeof f->rules);
		f->hits = 0;
	} else if (strcmp(line, "hits") == 0) {
		snprintf(answer, len, "hits %lu", f->hits);
	} else {
		done = set_rule(f, line);
	}
	if (!done)
		snprintf(answer, len, "refused %s", line);
	f->commands++;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->mutex);
	return done;
}

void faults_serve(struct faults *f, void (*notify)(void *arg), void *arg)
{
	char line[128], answer[160];
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		faults_command(f, line, answer, sizeof answer);
		notify(arg);
		puts(answer);
		fflush(stdout);
	}
	pthread_mutex_lock(&f->mutex);
	f->ended = true;
	f->commands++;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->mutex);
	notify(arg);
}

int faults_ask(struct faults *f, enum fault_op op, size_t *limit)
{
	int answer = 0;
	pthread_mutex_lock(&f->mutex);
	struct fault_rule *r = &f->rules[op];
	*limit = r->limit;
	if (r->hang)
		answer = -1;
	else if (r->error && r->times != 0)
		answer = r->error;
	if (answer || r->limit)
		f->hits++;
	if (answer > 0 && r->times > 0)
		r->times--;
	pthread_mutex_unlock(&f->mutex);
	return answer;
}
