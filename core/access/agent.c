/* The PAM agent: a process of its own, because modules block, sleep, fork and
 * change signal state, and must not share memory with the store's keys.  It
 * holds one conversation and ends. */
#include "core/access/access.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <openssl/crypto.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/access/frame.h"
#include "core/base/file.h"
#include "core/base/mem.h"

enum { UP = 3, DOWN = 4, MESSAGES_MAX = 32, ANSWER_MAX_OCTETS = 512 };

struct talk {
	int answered; /* prompts that got an answer */
};

static int
say(enum login_kind kind, struct span text)
{
	struct buf frame = BUF_INIT;
	int rc;

	frame_add(&frame, kind, text);
	rc = file_write_all(UP, buf_span(&frame));
	buf_done(&frame);
	return rc;
}

static int
read_all(void *into, size_t len)
{
	char *p = into;

	while (len) {
		ssize_t got = read(DOWN, p, len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		p += got;
		len -= (size_t)got;
	}
	return 0;
}

/* One answer as PAM wants it: malloc'ed, NUL-terminated; NULL when the parent
 * has gone. */
static char *
hear(void)
{
	uint32_t len;
	char *answer;

	if (read_all(&len, sizeof len) < 0 || len > ANSWER_MAX_OCTETS)
		return NULL;
	answer = mem_new(len + 1);
	if (read_all(answer, len) < 0 || strlen(answer) != len) {
		OPENSSL_cleanse(answer, len);
		free(answer);
		return NULL;
	}
	return answer;
}

static int
one_message(struct talk *talk, const struct pam_message *message, char **answer)
{
	struct span text = span_of(message->msg);

	switch (message->msg_style) {
	case PAM_PROMPT_ECHO_OFF:
		if (say(LOGIN_PROMPT_SECRET, text) < 0)
			return -1;
		break;
	case PAM_PROMPT_ECHO_ON:
		if (say(LOGIN_PROMPT_TEXT, text) < 0)
			return -1;
		break;
	case PAM_TEXT_INFO:
		return say(LOGIN_INFO, text);
	case PAM_ERROR_MSG:
		return say(LOGIN_ERROR, text);
	default:
		return -1;
	}
	*answer = hear();
	if (!*answer)
		return -1;
	talk->answered++;
	return 0;
}

/* The conversation.  resp may be NULL where nothing is asked: some modules
 * call it so for plain texts. */
static int
converse(int count, const struct pam_message **messages,
    struct pam_response **out, void *payload)
{
	struct pam_response *answers;
	int done = 0;

	if (count <= 0 || count > MESSAGES_MAX)
		return PAM_CONV_ERR;
	answers = mem_array((size_t)count, sizeof *answers);
	while (done < count &&
	       one_message(payload, messages[done], &answers[done].resp) == 0)
		done++;
	if (done == count && out) {
		*out = answers;
		return PAM_SUCCESS;
	}
	for (int i = 0; i < count; i++) {
		if (answers[i].resp) {
			OPENSSL_cleanse(
			    answers[i].resp, strlen(answers[i].resp));
			free(answers[i].resp);
		}
	}
	free(answers);
	return done == count ? PAM_SUCCESS : PAM_CONV_ERR;
}

/* Called by libpam in place of its own sleep: tell the parent, then wait. */
static void
delay(int result, unsigned microseconds, void *payload)
{
	struct buf text = BUF_INIT;

	(void)payload;
	if (result == PAM_SUCCESS || !microseconds)
		return;
	buf_int(&text, microseconds / 1000);
	say(LOGIN_DELAY, buf_span(&text));
	buf_done(&text);
	usleep(microseconds);
}

/* A missing file would fall through to the service "other". */
static int
check_service(const struct pam_agent *agent, struct err *err)
{
	struct buf path = BUF_INIT;
	struct stat st;
	int rc = 0;

	buf_printf(&path, "%s/%s", agent->dir ? agent->dir : "/etc/pam.d",
	    agent->service);
	if (lstat(path.ptr, &st) < 0 || !S_ISREG(st.st_mode))
		rc = err_sys(err, E_PAM_SERVICE, errno);
	else if ((st.st_mode & (S_IWGRP | S_IWOTH)) ||
		 (st.st_uid != 0 &&
		     (agent->trust == PAM_TRUST_ROOT || st.st_uid != getuid())))
		rc = err_set(err, E_PAM_SERVICE_MODE);
	if (rc < 0)
		err_fact(err, "path", buf_span(&path));
	buf_done(&path);
	return rc;
}

/* The client's address as a hint for modules like pam_access. */
static void
set_rhost(pam_handle_t *pam)
{
	struct span connection = span_of(getenv("SSH_CONNECTION"));
	struct span host = span_cut(&connection, ' ');
	static const char allowed[] = "0123456789abcdefABCDEF.:";
	char text[64];

	if (!host.len || host.len >= sizeof text)
		return;
	snprintf(text, sizeof text, "%.*s", SPAN_ARG(host));
	if (strspn(text, allowed) == host.len)
		pam_set_item(pam, PAM_RHOST, text);
}

static int
denied(int code, const char *account, struct err *err)
{
	switch (code) {
	case PAM_AUTH_ERR:
	case PAM_PERM_DENIED:
	case PAM_USER_UNKNOWN:
	case PAM_CRED_INSUFFICIENT:
	case PAM_AUTHINFO_UNAVAIL:
	case PAM_MAXTRIES:
	case PAM_CRED_ERR:
		if (!account)
			return err_set(err, E_PAM_DENIED);
		err_set(err, E_PAM_ACCOUNT);
		return err_fact(err, "why", span_of(account));
	case PAM_ACCT_EXPIRED:
	case PAM_AUTHTOK_EXPIRED: /* too long ago to change it oneself */
		err_set(err, E_PAM_ACCOUNT);
		return err_fact(err, "why", SPAN("expired"));
	case PAM_NEW_AUTHTOK_REQD:
		return err_set(err, E_PAM_NEW_PASSWORD);
	default:
		err_set(err, E_PAM_SYSTEM);
		return err_fact_int(err, "code", code);
	}
}

/* Modules may change the user: only the expected one comes in. */
static int
same_user(pam_handle_t *pam, const char *user, struct err *err)
{
	const void *item = NULL;
	const char *found;

	if (pam_get_item(pam, PAM_USER, &item) != PAM_SUCCESS)
		item = NULL;
	found = item ? item : "";
	if (!strcmp(found, user))
		return 0;
	err_set(err, E_PAM_USER);
	err_fact(err, "user", span_of(user));
	return err_fact(err, "found", span_of(found));
}

static int
authenticate(pam_handle_t *pam, const struct pam_agent *agent,
    const struct talk *talk, struct err *err)
{
	int code;

	pam_set_item(pam, PAM_RUSER, agent->user);
	if (*agent->tty)
		pam_set_item(pam, PAM_TTY, agent->tty);
	set_rhost(pam);
	pam_set_item(pam, PAM_FAIL_DELAY, (const void *)delay);
	code = pam_authenticate(pam, PAM_DISALLOW_NULL_AUTHTOK);
	if (code != PAM_SUCCESS)
		return denied(code, NULL, err);
	code = pam_acct_mgmt(pam, PAM_DISALLOW_NULL_AUTHTOK);
	if (code != PAM_SUCCESS)
		return denied(code, "refused", err);
	if (!talk->answered)
		return err_set(err, E_PAM_NO_PROMPT);
	return same_user(pam, agent->user, err);
}

static int
run(const struct pam_agent *agent, struct err *err)
{
	struct talk talk = {0};
	struct pam_conv conv = {converse, &talk};
	pam_handle_t *pam = NULL;
	int rc, code;

	if (check_service(agent, err) < 0)
		return -1;
	code =
	    agent->start(agent->service, agent->user, &conv, agent->dir, &pam);
	if (code != PAM_SUCCESS) {
		err_set(err, E_PAM_SYSTEM);
		return err_fact_int(err, "code", code);
	}
	rc = authenticate(pam, agent, &talk, err);
	pam_end(pam, rc == 0 ? PAM_SUCCESS : PAM_AUTH_ERR);
	return rc;
}

int
pam_agent_run(const struct pam_agent *agent)
{
	const struct rlimit none = {0, 0};
	struct buf why = BUF_INIT;
	struct err err = {0};
	int rc;

	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
	setlocale(LC_ALL, "");
	if (run(agent, &err) == 0) {
		rc = say(LOGIN_GRANTED, SPAN(""));
	} else {
		frame_put_err(&why, &err);
		rc = say(LOGIN_DENIED, buf_span(&why));
	}
	buf_done(&why);
	return rc < 0 ? 1 : 0;
}
