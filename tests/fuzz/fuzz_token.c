/* Any bytes as an identifier of ours: what is taken for one is the one that
 * this key would have made. */
#include <stdlib.h>

#include "core/compose/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool true_always)
{
	if (!true_always)
		abort();
}

/* Makes the identifier again from what was read. */
static void
write_again(
    struct token_maker *maker, const struct message_ref *ref, struct buf *out)
{
	const int64_t day_ms = 24 * 60 * 60 * INT64_C(1000);

	if (ref->kind == MESSAGE_REF_ID)
		token_message(maker, ref->campaign, ref->ref, out);
	else
		token_return_path(maker, ref->ref, ref->day * day_ms, out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secret *key = secret_of("0123456789abcdef0123456789abcdef", 32);
	struct token_maker *maker = token_maker_of(key, key);
	struct span text = span_make(data, size);
	struct buf again = BUF_INIT;
	struct message_ref ref, second;

	if (token_read(key, key, text, &ref)) {
		expect(ref.kind == MESSAGE_REF_ID ? ref.campaign > 0
						  : ref.day >= 0);
		write_again(maker, &ref, &again);
		expect(again.len <= size);
		expect(token_read(key, key, buf_span(&again), &second));
		expect(second.kind == ref.kind && second.day == ref.day &&
		       second.campaign == ref.campaign &&
		       !memcmp(second.ref, ref.ref, sizeof ref.ref));
	}
	token_maker_free(&maker);
	secret_free(&key);
	buf_done(&again);
	return 0;
}
