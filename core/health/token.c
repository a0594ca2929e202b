/* OAuth tokens.  How a token is had from whom is the helper's business; here is
 * decided how often it is asked: when there is no token, and once more when the
 * relay has refused one.  A second refusal is an answer. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/command.h"
#include "core/base/mem.h"
#include "core/health/health.h"

enum { HELPER_MS = 30 * 1000, REFUSALS_MAX = 2 };

static int
ask_helper(const char *path, const char *user, const char *host, int cancel_fd,
    struct secret **out, struct err *err)
{
	const char *const args[] = {user, host, NULL};
	struct command command = {
	    .path = path,
	    .args = args,
	    .timeout_ms = HELPER_MS,
	    .cancel_fd = cancel_fd,
	};

	return command_secret(&command, out, err);
}

int
relay_ask_token(const struct relay_config *relay, int cancel_fd,
    struct secret **out, struct err *err)
{
	return ask_helper(relay->token_command, relay->user, relay->host,
	    cancel_fd, out, err);
}

struct token {
	char *path, *user, *host;
	int cancel_fd;
	pthread_mutex_t lock; /* of all below */
	pthread_t thread;
	bool has_thread; /* to be joined */
	bool is_asking;
	struct secret *secret;
	struct err why; /* of the helper, not told yet */
	int refusals;   /* in a row */
};

struct token *
token_new(const struct relay_config *relay)
{
	struct token *token = mem_new(sizeof *token);

	token->path = mem_text(span_of(relay->token_command));
	token->user = mem_text(span_of(relay->user));
	token->host = mem_text(span_of(relay->host));
	token->cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&token->lock, NULL);
	return token;
}

void
token_free(struct token **token)
{
	struct token *it = *token;

	if (!it)
		return;
	if (it->has_thread) {
		eventfd_write(it->cancel_fd, 1);
		pthread_join(it->thread, NULL);
	}
	if (it->cancel_fd >= 0)
		close(it->cancel_fd);
	pthread_mutex_destroy(&it->lock);
	secret_free(&it->secret);
	free(it->path);
	free(it->user);
	free(it->host);
	free(it);
	*token = NULL;
}

static void *
asking(void *arg)
{
	struct token *token = arg;
	struct secret *secret = NULL;
	struct err why = {0};

	ask_helper(token->path, token->user, token->host, token->cancel_fd,
	    &secret, &why);
	pthread_mutex_lock(&token->lock);
	token->secret = secret;
	token->why = why;
	token->is_asking = false;
	pthread_mutex_unlock(&token->lock);
	return NULL;
}

/* Locked.  The thread before has nothing left to do but to end. */
static enum token_got
start(struct token *token, struct err *err)
{
	if (token->has_thread)
		pthread_join(token->thread, NULL);
	token->has_thread =
	    pthread_create(&token->thread, NULL, asking, token) == 0;
	if (!token->has_thread) {
		err_set(err, E_THREAD);
		return TOKEN_FAILED;
	}
	token->is_asking = true;
	return TOKEN_WAITING;
}

enum token_got
token_ask(struct token *token, struct err *err)
{
	enum token_got got = TOKEN_FAILED;

	pthread_mutex_lock(&token->lock);
	if (token->refusals >= REFUSALS_MAX) {
		err_set(err, E_SMTP_AUTH);
		err_fact(err, "host", span_of(token->host));
	} else if (token->secret) {
		got = TOKEN_READY;
	} else if (token->is_asking) {
		got = TOKEN_WAITING;
	} else if (token->why.code != E_NONE) {
		*err = token->why;
		token->why = (struct err){0};
	} else {
		got = start(token, err);
	}
	pthread_mutex_unlock(&token->lock);
	return got;
}

struct secret *
token_take(struct token *token)
{
	struct secret *copy = NULL;

	pthread_mutex_lock(&token->lock);
	if (token->secret)
		copy = secret_of(token->secret->bytes, token->secret->len);
	pthread_mutex_unlock(&token->lock);
	return copy;
}

void
token_accepted(struct token *token)
{
	pthread_mutex_lock(&token->lock);
	token->refusals = 0;
	pthread_mutex_unlock(&token->lock);
}

/* Sessions that were dialled with the same token are refused together: that is
 * one refusal. */
enum token_got
token_refused(struct token *token, const struct secret *used)
{
	enum token_got got;

	pthread_mutex_lock(&token->lock);
	if (token->secret && secret_equal(token->secret, used)) {
		secret_free(&token->secret);
		token->refusals++;
	}
	got = token->refusals >= REFUSALS_MAX ? TOKEN_FAILED : TOKEN_WAITING;
	pthread_mutex_unlock(&token->lock);
	return got;
}
