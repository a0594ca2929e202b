/* Whether somebody has really looked: which mails were shown to their end and
 * for how long, what was ticked, what was typed without seeing it.  Pure; the
 * approver's screen feeds it. */
#ifndef CORE_REVIEW_VETTING_H
#define CORE_REVIEW_VETTING_H

#include "core/review/dossier.h"

enum { VETTING_TRIES = 2, VETTING_PAUSE_MS = 60 * 1000 };

/* One approver's look at one dossier; start from zeroes. */
struct vetting {
	int64_t shown_ms[DOSSIER_SAMPLES_MAX]; /* on the screen so far */
	bool at_end[DOSSIER_SAMPLES_MAX];
	size_t ticked; /* dates, prices, telephone numbers */
	bool summary_read, checks_read;
	bool count_typed, time_typed;
	int misses;
	int64_t pause_until_ms;
};

/* A sample was on the screen for so long; whether its end was. */
void vetting_saw(struct vetting *self, size_t sample, int64_t ms, bool at_end);

/* True when a sample was looked at. */
bool vetting_sample_done(
    const struct vetting *self, const struct dossier *dossier, size_t sample);

/* How many were. */
size_t vetting_samples_done(
    const struct vetting *self, const struct dossier *dossier);

enum vetting_typed { VETTING_RIGHT, VETTING_WRONG, VETTING_PAUSE };

/* Judges the typed number of recipients, or the time of the first sending (its
 * digits in UTC, or "now" where the launch decides).  After the second miss
 * nothing is right for a minute. */
enum vetting_typed vetting_count(struct vetting *self,
    const struct dossier *dossier, struct span typed, int64_t now_ms);
enum vetting_typed vetting_time(struct vetting *self,
    const struct dossier *dossier, struct span typed, int64_t now_ms);

/* What is still to be done ("samples", "facts", "summary", "checklist",
 * "count", "time"), or NULL; static. */
const char *vetting_missing(
    const struct vetting *self, const struct dossier *dossier);

#endif
