/* The whole SMTP machine, its owner and its relay all driven by the input:
 * octet 0 chooses the settings, then come steps of one octet each; a step that
 * feeds the relay's words is followed by their length and the words.
 *
 * What must hold whatever happens: each submitted message has one result; it is
 * ACCEPTED only after 2xx and FAILED only after 5xx; it is IN_DOUBT only when all
 * of it left; nothing of a message leaves before it was handed over, and none
 * leaves twice. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/crypt.h"
#include "core/net/smtp_manners.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGES_MAX = 64, MESSAGE_ROOM = 64, STEPS_MAX = 4096 };

enum step {
	STEP_FEED,   /* length, words */
	STEP_SEND,   /* all of the output */
	STEP_DRIP,   /* an octet of it */
	STEP_HALF,   /* half of it */
	STEP_SUBMIT, /* a message, when there is room */
	STEP_HAND,   /* what is asked to be handed */
	STEP_TLS,
	STEP_RARE, /* next octet: abandon, reset, quit, try a sender, lose */
	STEP_COUNT
};

struct letter {
	char data[MESSAGE_ROOM];
	size_t len;
	bool handed, resulted;
};

struct game {
	struct smtp *smtp;
	struct buf wire; /* all that left */
	struct letter letter[MESSAGES_MAX];
	unsigned letters, senders, results;
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* How often text is in bytes. */
static unsigned
count_in(struct span bytes, struct span text)
{
	unsigned count = 0;
	size_t at;

	while ((at = span_search(bytes, text)) < bytes.len) {
		count++;
		bytes = span_slice(bytes, at + text.len, bytes.len);
	}
	return count;
}

/* The line that is in one message only. */
static struct span
mark_of(const struct letter *letter)
{
	return span_make(letter->data, 10);
}

static void
check_output(const struct game *game)
{
	struct span out = smtp_output(game->smtp);

	for (unsigned i = 0; i < game->letters; i++) {
		const struct letter *letter = &game->letter[i];
		unsigned times =
		    count_in(out, mark_of(letter)) +
		    count_in(buf_span(&game->wire), mark_of(letter));

		must(times <= letter->handed);
	}
}

static void
check_result(struct game *game, const struct smtp_result *result)
{
	struct letter *letter;
	int class = result->reply.code / 100;
	struct span end;
	bool whole;

	must(result->reply.raw.len <= SMTP_RAW_MAX);
	must(result->verdict != SMTP_ACCEPTED || class == 2);
	must(result->verdict != SMTP_FAILED || class == 5);
	must(result->verdict != SMTP_DEFERRED || class == 4 || class == 0);
	if (result->tag == 0) {
		must(game->senders > 0 && result->verdict != SMTP_IN_DOUBT);
		game->senders--;
		return;
	}
	must(result->tag <= game->letters);
	letter = &game->letter[result->tag - 1];
	must(!letter->resulted);
	letter->resulted = true;
	game->results++;
	/* the last line and what ends the message, dot or none */
	end = span_make(letter->data + letter->len - 9, 9);
	whole = count_in(buf_span(&game->wire), end) == 1;
	must(result->verdict != SMTP_ACCEPTED || whole);
	must(result->verdict != SMTP_IN_DOUBT || whole);
	must(result->verdict != SMTP_ABANDONED || !whole);
}

static void
take_results(struct game *game)
{
	struct smtp_result result;

	while (smtp_result(game->smtp, &result))
		check_result(game, &result);
}

static void
submit(struct game *game)
{
	struct letter *letter = &game->letter[game->letters];
	struct smtp_envelope envelope = {.sender = SPAN("s@x.example"),
	    .recipient = SPAN("r@x.example"),
	    .notify = SMTP_NOTIFY_FAILURE,
	    .tag = game->letters + 1};

	if (!smtp_has_room(game->smtp) || game->letters == MESSAGES_MAX)
		return;
	letter->len = (size_t)snprintf(letter->data, sizeof letter->data,
	    "X-Mark: %02u\r\n\r\n.\r\n..\r\nend %02u.\r\n", game->letters,
	    game->letters);
	letter->handed = smtp_hands_first(game->smtp);
	envelope.data = span_make(letter->data, letter->len);
	/* a relay may offer a SIZE that is too small */
	if (smtp_submit(game->smtp, &envelope, NULL) < 0)
		letter->handed = false;
	else
		game->letters++;
}

static void
send_out(struct game *game, size_t count)
{
	struct span out = span_slice(smtp_output(game->smtp), 0, count);

	buf_add(&game->wire, out);
	smtp_sent(game->smtp, out.len);
}

static void
hand(struct game *game)
{
	uint64_t tag;

	if (smtp_wish(game->smtp) != SMTP_WAIT_HANDED)
		return;
	tag = smtp_waiting(game->smtp);
	must(tag >= 1 && tag <= game->letters);
	must(!game->letter[tag - 1].handed);
	game->letter[tag - 1].handed = true;
	smtp_handed(game->smtp);
}

static void
do_rare(struct game *game, uint8_t which)
{
	enum smtp_wish wish = smtp_wish(game->smtp);

	switch (which % 5) {
	case 0:
		smtp_abandon(game->smtp);
		break;
	case 1:
		smtp_reset(game->smtp);
		break;
	case 2:
		smtp_quit(game->smtp);
		break;
	case 3:
		if (wish == SMTP_WAIT_MESSAGE &&
		    smtp_try_sender(game->smtp, SPAN("s@x.example"), NULL) == 0)
			game->senders++;
		break;
	default:
		smtp_lost(game->smtp, NULL);
		break;
	}
}

/* Takes one step off the input; false at its end. */
static bool
play(struct game *game, struct span *input)
{
	struct span out = smtp_output(game->smtp);
	uint8_t step, next;

	if (input->len < 2)
		return false;
	step = (uint8_t)input->ptr[0] % STEP_COUNT;
	next = (uint8_t)input->ptr[1];
	*input = span_slice(*input, 1, input->len);
	if (step == STEP_FEED) {
		smtp_input(game->smtp, span_slice(*input, 1, 1 + (size_t)next));
		*input = span_slice(*input, 1 + (size_t)next, input->len);
	} else if (step == STEP_SEND) {
		send_out(game, out.len);
	} else if (step == STEP_DRIP) {
		send_out(game, 1);
	} else if (step == STEP_HALF) {
		send_out(game, out.len / 2);
	} else if (step == STEP_SUBMIT) {
		submit(game);
	} else if (step == STEP_HAND) {
		hand(game);
	} else if (step == STEP_TLS) {
		if (smtp_wish(game->smtp) == SMTP_WAIT_TLS)
			smtp_tls_done(game->smtp);
	} else {
		*input = span_slice(*input, 1, input->len);
		do_rare(game, next);
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = span_make(data, size);
	struct game *game;
	struct exchange_target target = {
	    .host = "relay.example", .ehlo = "me.example"};
	struct smtp_manners manners = {0};
	struct secret *secret;

	if (size < 2)
		return 0;
	game = calloc(1, sizeof *game);
	must(game != NULL);
	secret = secret_of("pa55", 4);
	target.secret = secret;
	target.tls = (enum tls_level)(data[0] % TLS_LEVEL_COUNT);
	target.user = data[0] & 16 ? "user" : NULL;
	game->smtp =
	    smtp_new(&target, (enum smtp_pipelining)(data[0] / 32 % 3));
	if (target.tls == TLS_LEVEL_IMPLICIT)
		smtp_tls_done(game->smtp);
	input = span_slice(input, 1, input.len);
	for (int i = 0; i < STEPS_MAX && play(game, &input); i++) {
		check_output(game);
		take_results(game);
	}
	smtp_lost(game->smtp, NULL);
	take_results(game);
	must(game->results == game->letters && game->senders == 0);
	must(smtp_wish(game->smtp) == SMTP_CLOSED);
	must(smtp_output(game->smtp).len == 0);
	smtp_manners_learn(&manners, game->smtp, 0, 1);
	smtp_free(&game->smtp);
	secret_free(&secret);
	buf_done(&game->wire);
	free(game);
	return 0;
}
