/* The preview, as its files see it: one mail made by a job, and the pages that
 * show it. */
#ifndef TUI_SCREENS_PREVIEW_H
#define TUI_SCREENS_PREVIEW_H

#include "core/base/mem.h"
#include "core/compose/compose.h"
#include "core/review/review.h"
#include "tui/app.h"
#include "tui/widgets/list.h"
#include "tui/widgets/pager.h"
#include "tui/widgets/styled.h"

/* ---- One mail (preview_mail.c) --------------------------------------------- */

/* What was merged for one recipient. */
struct mail_value {
	struct span name, value;
	bool is_missing;
	bool is_section;   /* and shown nowhere */
	bool has_fallback; /* wherever it is shown */
};

/* A part of the message. */
struct mail_part {
	struct span type, file; /* file: its name, or empty */
	size_t octets;          /* decoded */
	int depth;
	bool is_multipart;
};

/* A link of the HTML part. */
struct mail_link {
	struct span url;
	bool is_personal; /* carries what is the recipient's alone */
};

enum { MAIL_VALUES_MAX = 64, MAIL_PARTS_MAX = 64, MAIL_LINKS_MAX = 200 };

/* One recipient's mail; spans live in the arena. */
struct mail_copy {
	struct span address, name, subject, text, html, header, bytes;
	int64_t key, position;
	struct err fault; /* E_NONE: there is a message */
};

enum mail_step {
	MAIL_STEP,   /* step */
	MAIL_SEARCH, /* words */
};

/* What one job makes; also what the screen shows afterwards. */
struct mail {
	/* asked */
	struct store *store; /* borrowed */
	struct campaign_id campaign;
	enum mail_step how;
	enum audience_step step;
	struct buf words;
	int64_t from;
	int64_t at_ms;
	struct samples_stamp stamp; /* of samples; campaign 0: none to check */
	enum look_plant plant;      /* made with this fault, to be found */
	/* made */
	bool is_stale; /* the samples are of something else */
	bool found; /* a recipient; copy.fault tells when there is no message */
	bool is_signed;    /* by S/MIME */
	bool is_encrypted; /* by S/MIME: the parts cannot be seen */
	bool is_frozen, is_stopped;
	int64_t total;
	bool hides_total; /* its author has not said what they expect (TW-01) */
	struct arena *arena;
	struct span campaign_name, from_line;
	struct mail_copy copy;
	struct mail_copy other; /* the one before; position 0: nobody else */
	int fallbacks;
	enum campaign_charset charset, wanted_charset;
	struct span lacks; /* a character that the wanted one has not */
	struct mail_value value[MAIL_VALUES_MAX];
	size_t values;
	struct mail_part part[MAIL_PARTS_MAX];
	size_t parts;
	struct mail_link link[MAIL_LINKS_MAX];
	size_t links, personal_links;
	struct span leak; /* a value of the other one that stands in here */
};

/* A question for mail_job. */
struct mail *mail_new(struct store *store, struct campaign_id campaign);

/* Frees a mail, wiping what it holds; accepts NULL. */
void mail_free(void *mail);

/* Makes it: data is a struct mail. */
extern const struct job_ops mail_job;

/* Whether there is a message. */
static inline bool
mail_is_made(const struct mail *mail)
{
	return mail && mail->copy.fault.code == E_NONE;
}

/* ---- Pages (preview_pages.c) -------------------------------------------------- */

enum mail_view {
	VIEW_STYLED,
	VIEW_PLAIN,
	VIEW_HTML,
	VIEW_HEADERS,
	VIEW_RAW,
	VIEW_CHANGES,
	VIEWS
};

/* Fills a pager with a view other than VIEW_STYLED of a mail that is made. */
void mail_show(
    const struct mail *mail, enum mail_view view, struct pager *pager);

/* Adds what is known about the recipient and the mail to a pager: values,
 * parts, links. */
void mail_show_facts(const struct mail *mail, struct pager *pager);

/* ---- Worst cases (preview_samples.c) ------------------------------------------- */

/* The worst cases of a campaign for screens: found once, kept until something
 * changes. */
struct hunt {
	struct campaign_id campaign;
	struct samples *samples;     /* NULL: not found yet */
	struct job *job;             /* NULL: none runs */
	struct samples_watch *watch; /* in its data */
	struct list_source source;
	struct list *list;
	int64_t at; /* index of the one that is shown; -1: none */
	struct buf cell[3];
	bool hides_numbers; /* as a mail hides its total */
	bool *seen;         /* by index */
	size_t seen_count;
};

/* Begins and ends a hunt for samples in the caller's storage. */
void hunt_init(struct hunt *hunt, struct campaign_id campaign);
void hunt_done(struct hunt *hunt);

/* Takes over samples that were found before; NULL forgets them. */
void hunt_set(struct hunt *hunt, struct samples **samples);

/* Starts looking unless it is being done or the samples are there; the owner
 * gives job_done() of this job to hunt_take(). */
void hunt_start(struct hunt *hunt, struct screen *owner);

/* The end of the job; true when the job was the hunt's. */
bool hunt_take(struct hunt *hunt, struct screen *owner, struct job *job,
    void *data, int rc, const struct err *err);

/* The sample at an index, or NULL. */
const struct sample *hunt_sample(const struct hunt *hunt, int64_t index);

/* Notes that the recipient with a key is on the screen. */
void hunt_note(struct hunt *hunt, int64_t key);

/* Adds why the recipient with a key is a worst case, if so. */
void hunt_reasons(const struct hunt *hunt, int64_t key, struct buf *out);

/* Adds how far the job is, while it runs. */
void hunt_hint(const struct hunt *hunt, struct buf *out);

/* ---- Into a file (preview_save.c) --------------------------------------------- */

struct save {
	struct job *job;    /* NULL: none runs */
	struct buf path;    /* typed; waits for the purpose */
	struct buf purpose; /* typed last */
};

/* Adds the file name that is offered for a mail: in the home folder. */
void save_name(const struct mail *mail, struct buf *out);

/* Adds why a typed path is not right yet. */
void save_check(struct span path, struct buf *why);

/* Starts writing the mail to save->path for save->purpose. */
void save_start(
    struct save *save, struct screen *owner, const struct mail *mail);

/* The end of the job: true when the job was one of save_start(). */
bool save_take(struct save *save, struct screen *owner, struct job *job,
    void *data, int rc, const struct err *err);

#endif
