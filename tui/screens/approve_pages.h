/* The pages that an approver reads. */
#ifndef TUI_SCREENS_APPROVE_PAGES_H
#define TUI_SCREENS_APPROVE_PAGES_H

#include "core/review/review.h"
#include "tui/widgets/pager.h"

/* Each fills a pager anew: what is to be sent, what is new since the campaign
 * before and the manifest; every line of the checklist with its answers; one
 * of the mails. */
void approve_summary(const struct dossier *dossier, struct pager *pager);
void approve_checks(const struct dossier *dossier, struct pager *pager);
void approve_mail(
    const struct dossier *dossier, size_t sample, struct pager *pager);

#endif
