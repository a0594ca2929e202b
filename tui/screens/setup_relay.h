/* One relay's page: the form, the presets and the result of the test, each in
 * a file of its own. */
#ifndef TUI_SCREENS_SETUP_RELAY_H
#define TUI_SCREENS_SETUP_RELAY_H

#include "core/health/health.h"
#include "tui/canvas.h"
#include "tui/widgets/form.h"

enum relay_field {
	F_NAME,
	F_PRESET,
	F_HOST,
	F_PORT,
	F_TLS,
	F_CA,
	F_SIGN_IN, /* headings are fields too */
	F_USER,
	F_SECRET,
	F_AUTH,
	F_TOKEN,
	F_POOL,
	F_ENABLED,
	F_SHARE,
	F_SESSIONS,
	F_PER_SESSION,
	F_RATE,
	F_TRUST,
	F_PIN,
	F_PIN_NEXT,
	F_REQUIRE,
	F_WARM_UP,
	F_WARM_FROM,
	F_WARM_FIRST,
	F_WARM_PERCENT,
	F_COUNT
};

/* Public values of a kind of relay. */
struct relay_preset {
	const char *id;   /* struct relay_config's preset */
	const char *note; /* untranslated */
	const char *host, *user;
	int port;
	enum relay_tls tls;
	enum relay_auth auth;
	int sessions, per_session, rate_per_s;
	enum relay_kind kind;
};

enum { RELAY_PRESETS = 7 };
extern const struct relay_preset relay_presets[RELAY_PRESETS];

/* An empty form of a relay; the caller frees it. */
struct form *relay_form_new(void);

/* Shows a relay, which then counts as saved. */
void relay_form_show(struct form *form, const struct relay_config *relay);

/* What the form holds; the caller ends it with relay_config_done().  The form
 * has passed form_check(). */
void relay_form_take(const struct form *form, struct relay_config *out);

/* The preset that is chosen. */
const struct relay_preset *relay_form_preset(const struct form *form);

/* Fills in what the chosen preset knows. */
void relay_form_fill(struct form *form);

/* Takes a key over as a pin, in the first empty place or the second one, and
 * lets pins count. */
void relay_form_pin(struct form *form, const struct digest *key);

/* Draws what a test found, in as few rows as it takes; how many. */
int relay_probe_draw(struct area a, const struct relay_probe *probe);

#endif
