#!/bin/sh
# Screens and their jobs read through store_view_open(), which masks personal
# data for who may not see it.  A reader that does not mask is for work that the
# permission beside it guards; so is a query that looks behind the views.
rc=0
for f in $(grep -rl 'store_reader_open(' tui --include='*.c'); do
	case $f in
	tui/screens/preview_mail.c) ;;    # merged mails: mail.view
	tui/screens/look_work.c) ;;       # merged mails: mail.view
	tui/screens/correction_work.c) ;; # files: list.export
	tui/screens/reconcile.c) ;;       # decisions about doubts: launch
	tui/screens/canaries.c) ;;        # two flags; addresses by the view
	tui/screens/approval.c) ;;        # verified over its rows; no contacts
	tui/screens/launch_facts.c) ;;    # the same, of which login and times are shown
	tui/app_person.c | tui/session.c) ;; # who it is, before it is known
	tui/away.c | tui/armed.c) ;;      # the delivery's own, without screens
	tui/demo/*) ;;
	*) echo "$f opens a reader that does not mask"; rc=1 ;;
	esac
done
for f in $(grep -rlE 'db_stmt_inner\(|main\.[a-z_]+ ' core tui --include='*.c'); do
	case $f in
	core/store/*.c | core/contacts/list.c | core/contacts/contact.c | core/contacts/timeline.c | core/contacts/lists.c | core/contacts/roster*.c) ;;
	# reads a segment's text to see whether it asks for what is masked
	core/contacts/segment.c) ;;
	*) grep -nE 'db_stmt_inner\(|(FROM|JOIN) main\.' "$f" /dev/null && rc=1 ;;
	esac
done
grep -rn 'store_admit(' core tui --include='*.c' |
	grep -vE '^core/(access/admit|store/person)\.c:' && rc=1
exit $rc
