/* The schema as numbered migrations.  A migration that has landed is never
 * edited; the next change is the next number. */
#include "core/store/schema.h"

#include <stddef.h>

/* 1: the first campaign. */
static const char first_campaign[] =
    "CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL,"
    " changed_ms INTEGER NOT NULL, changed_by TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"

    "CREATE TABLE audit(seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
    " who TEXT NOT NULL, origin TEXT NOT NULL, what TEXT NOT NULL,"
    " object TEXT NOT NULL, facts TEXT NOT NULL, prev BLOB NOT NULL,"
    " hash BLOB NOT NULL) STRICT;"

    /* Failed and successful logins, for the lockout (access). */
    "CREATE TABLE login_attempt(id INTEGER PRIMARY KEY, user TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, ok INTEGER NOT NULL, origin TEXT NOT NULL)"
    " STRICT;"
    "CREATE INDEX login_attempt_user ON login_attempt(user, at_ms);"

    /* address: as used in RCPT; canon: NFC local part byte-exact @ lower-case
     * A-label domain, the key for duplicates.  fields: JSON object. */
    "CREATE TABLE contact(id INTEGER PRIMARY KEY, address TEXT NOT NULL,"
    " canon TEXT NOT NULL, name TEXT NOT NULL DEFAULT '',"
    " fields TEXT NOT NULL DEFAULT '{}', quirk INTEGER NOT NULL DEFAULT 0,"
    " created_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX contact_canon ON contact(canon);"

    "CREATE TABLE list(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " created_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " changed_by TEXT NOT NULL, revision INTEGER NOT NULL DEFAULT 1) STRICT;"

    /* basis: enum consent_basis; basis_at_ms and basis_note say when and how. */
    "CREATE TABLE member(list INTEGER NOT NULL REFERENCES list(id),"
    " contact INTEGER NOT NULL REFERENCES contact(id),"
    " basis INTEGER NOT NULL, basis_at_ms INTEGER NOT NULL,"
    " basis_note TEXT NOT NULL, import INTEGER, PRIMARY KEY(list, contact))"
    " STRICT, WITHOUT ROWID;"

    "CREATE TABLE import(id INTEGER PRIMARY KEY, list INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, by TEXT NOT NULL, file TEXT NOT NULL,"
    " charset TEXT NOT NULL, basis INTEGER NOT NULL, rows INTEGER NOT NULL,"
    " fresh INTEGER NOT NULL, changed INTEGER NOT NULL, same INTEGER NOT NULL,"
    " duplicate INTEGER NOT NULL, rejected INTEGER NOT NULL,"
    " suppressed INTEGER NOT NULL) STRICT;"
    "CREATE TABLE import_reject(import INTEGER NOT NULL, line INTEGER NOT NULL,"
    " reason TEXT NOT NULL, detail TEXT NOT NULL, raw TEXT NOT NULL,"
    " PRIMARY KEY(import, line)) STRICT, WITHOUT ROWID;"

    /* key: HMAC of the canonical address, so that an erased person stays
     * suppressed; address may be ''. list 0 = everywhere. */
    "CREATE TABLE suppression(key BLOB NOT NULL, list INTEGER NOT NULL,"
    " cause INTEGER NOT NULL, at_ms INTEGER NOT NULL, source TEXT NOT NULL,"
    " address TEXT NOT NULL, PRIMARY KEY(key, list)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE relay(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " host TEXT NOT NULL, port INTEGER NOT NULL, tls INTEGER NOT NULL,"
    " ca_file TEXT NOT NULL, user TEXT NOT NULL, secret BLOB NOT NULL,"
    " sessions INTEGER NOT NULL, per_session INTEGER NOT NULL,"
    " rate_per_s INTEGER NOT NULL, enabled INTEGER NOT NULL,"
    " changed_ms INTEGER NOT NULL) STRICT;"

    "CREATE TABLE dkim_key(id INTEGER PRIMARY KEY, domain TEXT NOT NULL,"
    " selector TEXT NOT NULL, private BLOB NOT NULL, public TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL, active INTEGER NOT NULL,"
    " UNIQUE(domain, selector)) STRICT;"

    /* state: enum campaign_state; class: enum campaign_class. */
    "CREATE TABLE campaign(id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " class INTEGER NOT NULL, state INTEGER NOT NULL, list INTEGER,"
    " from_name TEXT NOT NULL, from_address TEXT NOT NULL,"
    " reply_to TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,"
    " revision INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
    " created_by TEXT NOT NULL, changed_ms INTEGER NOT NULL,"
    " changed_by TEXT NOT NULL) STRICT;"
    "CREATE TABLE draft_version(campaign INTEGER NOT NULL,"
    " revision INTEGER NOT NULL, at_ms INTEGER NOT NULL, by TEXT NOT NULL,"
    " subject TEXT NOT NULL, body TEXT NOT NULL,"
    " PRIMARY KEY(campaign, revision)) STRICT, WITHOUT ROWID;"
    /* What the editor holds but nobody has saved: survives kill -9. */
    "CREATE TABLE draft_unsaved(campaign INTEGER PRIMARY KEY,"
    " at_ms INTEGER NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL)"
    " STRICT;"

    /* The frozen audience: one row per recipient of a proofed campaign. */
    "CREATE TABLE outbox(campaign INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " contact INTEGER NOT NULL, address TEXT NOT NULL, canon TEXT NOT NULL,"
    " name TEXT NOT NULL, fields TEXT NOT NULL, leaf BLOB NOT NULL,"
    " PRIMARY KEY(campaign, seq)) STRICT, WITHOUT ROWID;"

    /* The review of a campaign: machine results, answers, the seal. */
    "CREATE TABLE review(campaign INTEGER PRIMARY KEY, revision INTEGER NOT "
    "NULL,"
    " at_ms INTEGER NOT NULL, by TEXT NOT NULL, recipients INTEGER NOT NULL,"
    " root BLOB NOT NULL, inputs BLOB NOT NULL, digest BLOB, seal BLOB,"
    " sealed_ms INTEGER, sealed_by TEXT) STRICT;"
    "CREATE TABLE review_result(campaign INTEGER NOT NULL, item TEXT NOT NULL,"
    " state INTEGER NOT NULL, count INTEGER NOT NULL, facts TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, answer TEXT NOT NULL DEFAULT '',"
    " answered_by TEXT NOT NULL DEFAULT '', answered_ms INTEGER,"
    " PRIMARY KEY(campaign, item)) STRICT, WITHOUT ROWID;"

    /* One run per launched campaign, one ledger row per recipient. */
    "CREATE TABLE run(campaign INTEGER PRIMARY KEY, state INTEGER NOT NULL,"
    " why TEXT NOT NULL, total INTEGER NOT NULL, started_ms INTEGER NOT NULL,"
    " ended_ms INTEGER, by TEXT NOT NULL, digest BLOB NOT NULL) STRICT;"
    "CREATE TABLE ledger(campaign INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " state INTEGER NOT NULL, attempt INTEGER NOT NULL DEFAULT 0,"
    " next_ms INTEGER NOT NULL DEFAULT 0, at_ms INTEGER NOT NULL DEFAULT 0,"
    " relay INTEGER, code INTEGER, enhanced TEXT, reply TEXT, stage INTEGER,"
    " class TEXT, tls_version TEXT, tls_cipher TEXT, tls_verified INTEGER,"
    " octets INTEGER, message_id TEXT, PRIMARY KEY(campaign, seq))"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX ledger_due ON ledger(campaign, state, next_ms);";

/* 2: delivery at full pace. */
static const char full_pace[] =
    /* The relays as a pool; see struct relay_config.  Until now only the first
     * enabled one was used: the others become stand-by. */
    "ALTER TABLE relay ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE relay ADD COLUMN share INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE relay ADD COLUMN auth INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE relay ADD COLUMN token_command TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE relay ADD COLUMN pins TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE relay ADD COLUMN require_tls INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE relay ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE relay ADD COLUMN warm_from_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE relay ADD COLUMN warm_first INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE relay ADD COLUMN warm_percent INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE relay ADD COLUMN preset TEXT NOT NULL DEFAULT '';"
    "UPDATE relay SET share = 0 WHERE enabled AND id >"
    " (SELECT min(id) FROM relay WHERE enabled);"
    /* Without verification a password now goes out only by the mechanism that
     * is named; until now that was PLAIN. */
    "UPDATE relay SET auth = 5 WHERE tls IN (1, 2) AND user <> '';"

    /* What a run has learnt about provider groups, for the next one.  grp: enum
     * group; rate: thousandths of a message per second. */
    "CREATE TABLE pace_state(grp INTEGER PRIMARY KEY, rate INTEGER NOT NULL,"
    " sessions INTEGER NOT NULL, until_ms INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL) STRICT;"

    /* What stands behind the @ of the run's Message-IDs, which are derived
     * and not kept; '' in runs made before. */
    "ALTER TABLE run ADD COLUMN message_domain TEXT NOT NULL DEFAULT '';"

    /* The operator's own rules for replies; class: "H1" ..., code 0: any. */
    "CREATE TABLE reply_rule(id INTEGER PRIMARY KEY, class TEXT NOT NULL,"
    " code INTEGER NOT NULL, text TEXT NOT NULL,"
    " changed_ms INTEGER NOT NULL, changed_by TEXT NOT NULL) STRICT;"
    /* Refusals that count against an address, under its key in the stop
     * list. */
    "CREATE TABLE setback(campaign INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " key BLOB NOT NULL, class TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY(campaign, seq)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX setback_key ON setback(key, class, at_ms);"
    /* The ledger: what a connection has in common stands once, the step to
     * HANDED is a number in one row per campaign, totals are kept as they
     * move; a row is written once per attempt and then touches no index but
     * when it needs attention.  The numbers are those of enum ledger_state: 0
     * planned, 2 handed, 3 accepted, 4 deferred, 6 in doubt. */
    "CREATE TABLE connection(campaign INTEGER NOT NULL,"
    " id INTEGER NOT NULL, relay INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, peer TEXT NOT NULL, local TEXT NOT NULL,"
    " host TEXT NOT NULL, policy TEXT NOT NULL,"
    " tls_state INTEGER NOT NULL, tls_version TEXT NOT NULL,"
    " tls_cipher TEXT NOT NULL, tls_why TEXT NOT NULL, cert BLOB NOT NULL,"
    " resumed INTEGER NOT NULL, PRIMARY KEY(campaign, id))"
    " STRICT, WITHOUT ROWID;"
    "INSERT INTO connection SELECT campaign,"
    " row_number() OVER (PARTITION BY campaign ORDER BY at), relay, at,"
    " '', '', '', '', CASE WHEN verified THEN 2 WHEN version <> '' THEN 1"
    " ELSE 0 END, version, cipher, '', x'', 0 FROM (SELECT campaign,"
    " relay, coalesce(tls_version, '') AS version,"
    " coalesce(tls_cipher, '') AS cipher,"
    " coalesce(tls_verified, 0) AS verified, min(at_ms) AS at FROM ledger"
    " WHERE relay IS NOT NULL GROUP BY 1, 2, 3, 4, 5);"
    "DROP INDEX ledger_due;"
    "ALTER TABLE ledger RENAME TO ledger_1;"
    /* again: 1 when it was in doubt once and is sent a second time */
    "CREATE TABLE ledger(campaign INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " state INTEGER NOT NULL, grp INTEGER NOT NULL DEFAULT 0,"
    " attempt INTEGER NOT NULL DEFAULT 0,"
    " again INTEGER NOT NULL DEFAULT 0,"
    " next_ms INTEGER NOT NULL DEFAULT 0, at_ms INTEGER NOT NULL DEFAULT 0,"
    " connection INTEGER, code INTEGER, stage INTEGER, octets INTEGER,"
    " took_ms INTEGER, enhanced TEXT, class TEXT, reply TEXT,"
    " PRIMARY KEY(campaign, seq)) STRICT, WITHOUT ROWID;"
    "INSERT INTO ledger SELECT l.campaign, l.seq,"
    " CASE l.state WHEN 1 THEN 0 WHEN 2 THEN 6 ELSE l.state END, 0,"
    " l.attempt + (l.state = 2), 0, l.next_ms, l.at_ms, c.id, l.code,"
    " l.stage, l.octets, NULL, l.enhanced,"
    " CASE l.state WHEN 2 THEN 'deliver.run_killed' ELSE l.class END,"
    " l.reply FROM ledger_1 l LEFT JOIN connection c"
    " ON c.campaign = l.campaign AND c.relay = l.relay"
    " AND c.tls_version = coalesce(l.tls_version, '')"
    " AND c.tls_cipher = coalesce(l.tls_cipher, '')"
    " AND (c.tls_state = 2) = coalesce(l.tls_verified, 0)"
    " ORDER BY l.campaign, l.seq;"
    /* Message-IDs of before cannot be derived. */
    "CREATE TABLE ledger_old_id(campaign INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, message_id TEXT NOT NULL,"
    " PRIMARY KEY(campaign, seq)) STRICT, WITHOUT ROWID;"
    "INSERT INTO ledger_old_id SELECT campaign, seq, message_id FROM ledger_1"
    " WHERE message_id <> '';"
    "DROP TABLE ledger_1;"
    "CREATE INDEX ledger_group ON ledger(campaign, grp, seq);"
    "CREATE INDEX ledger_due ON ledger(campaign, grp, next_ms)"
    " WHERE state = 4;"
    "CREATE INDEX ledger_rest ON ledger(campaign, seq, state)"
    " WHERE state >= 4;"
    /* rows: see core/deliver/handed.h */
    "CREATE TABLE handed(campaign INTEGER PRIMARY KEY, rows BLOB NOT NULL)"
    " STRICT;"
    /* How many rows; moves with them, in the same transactions.  tls: of */
    /* the accepted ones, enum totals_tls. */
    "CREATE TABLE ledger_total(campaign INTEGER NOT NULL, grp INTEGER NOT NULL,"
    " state INTEGER NOT NULL, tls INTEGER NOT NULL, rows INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL, PRIMARY KEY(campaign, grp, state, tls))"
    " STRICT, WITHOUT ROWID;"
    "INSERT INTO ledger_total SELECT l.campaign, l.grp, l.state,"
    " CASE WHEN l.state <> 3 OR coalesce(c.tls_version, '') = '' THEN 0"
    " WHEN c.tls_version = 'TLSv1.3' THEN 3 + (c.tls_state = 2)"
    " ELSE 1 + (c.tls_state = 2) END, count(*), sum(l.attempt)"
    " FROM ledger l LEFT JOIN connection c"
    " ON c.campaign = l.campaign AND c.id = l.connection"
    " GROUP BY 1, 2, 3, 4;"
    /* No row of the group below seq is PLANNED: where reading begins. */
    "CREATE TABLE ledger_from(campaign INTEGER NOT NULL,"
    " grp INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " PRIMARY KEY(campaign, grp)) STRICT, WITHOUT ROWID;"
    /* What somebody has decided about rows in doubt; never changed. */
    "CREATE TABLE resolution(campaign INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, what INTEGER NOT NULL,"
    " who TEXT NOT NULL, evidence TEXT NOT NULL,"
    " PRIMARY KEY(campaign, seq, at_ms)) STRICT, WITHOUT ROWID;"
    /* MTA-STS policies of receivers (RFC 8461), as they were fetched. */
    "CREATE TABLE sts_policy(domain TEXT PRIMARY KEY, id TEXT NOT NULL,"
    " fetched_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    " policy BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "";

/* 3: writing and seeing. */
static const char writing[] =
    /* Files, once each; what no row of the two tables below names is deleted
     * with the last one that did. */
    "CREATE TABLE blob(digest BLOB PRIMARY KEY, octets INTEGER NOT NULL,"
    " bytes BLOB NOT NULL) STRICT;"
    /* kind: enum attach_kind; rule: enum attach_rule.  ready 0: a set that is
     * still being added, and counts for nothing. */
    "CREATE TABLE attachment(id INTEGER PRIMARY KEY,"
    " campaign INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " rule INTEGER NOT NULL, ready INTEGER NOT NULL, name TEXT NOT NULL,"
    " type TEXT NOT NULL, look TEXT NOT NULL, verdict INTEGER NOT NULL,"
    " why TEXT NOT NULL, files INTEGER NOT NULL, octets INTEGER NOT NULL,"
    " total INTEGER NOT NULL, digest BLOB NOT NULL,"
    " added_ms INTEGER NOT NULL, added_by TEXT NOT NULL) STRICT;"
    "CREATE INDEX attachment_campaign ON attachment(campaign, id);"
    "CREATE INDEX attachment_digest ON attachment(digest);"
    /* The files of a set; key: what the pattern gives for a recipient. */
    "CREATE TABLE attachment_file(attachment INTEGER NOT NULL,"
    " number INTEGER NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,"
    " type TEXT NOT NULL, verdict INTEGER NOT NULL, why TEXT NOT NULL,"
    " octets INTEGER NOT NULL, digest BLOB NOT NULL,"
    " PRIMARY KEY(attachment, number)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX attachment_file_key"
    " ON attachment_file(attachment, key);"
    "CREATE INDEX attachment_file_digest ON attachment_file(digest);"
    /* See struct campaign. */
    "ALTER TABLE campaign ADD COLUMN preheader TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE campaign ADD COLUMN theme TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE campaign ADD COLUMN theme_text TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE campaign ADD COLUMN language TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE campaign ADD COLUMN charset INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE campaign ADD COLUMN smime INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE campaign ADD COLUMN encrypt INTEGER NOT NULL DEFAULT 0;"
    /* Blocks of text to be used again. */
    "CREATE TABLE snippet(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " body TEXT NOT NULL, changed_ms INTEGER NOT NULL,"
    " changed_by TEXT NOT NULL) STRICT;"
    /* Who signs: PKCS #8 and certificates in DER; the chain without root. */
    "CREATE TABLE smime_identity(id INTEGER PRIMARY KEY,"
    " fingerprint BLOB NOT NULL UNIQUE, private BLOB NOT NULL,"
    " certificate BLOB NOT NULL, chain BLOB NOT NULL,"
    " added_ms INTEGER NOT NULL, added_by TEXT NOT NULL) STRICT;"
    /* Whom we can encrypt for. */
    "CREATE TABLE contact_certificate(contact INTEGER NOT NULL"
    " REFERENCES contact(id), fingerprint BLOB NOT NULL,"
    " certificate BLOB NOT NULL, from_ms INTEGER NOT NULL,"
    " to_ms INTEGER NOT NULL, added_ms INTEGER NOT NULL,"
    " PRIMARY KEY(contact, fingerprint)) STRICT, WITHOUT ROWID;"

    /* Test mail: who may get one, which were made, how each copy went.
     * content: template_digest(); state: enum test_state; tls: enum
     * tls_state. */
    "CREATE TABLE staff_address(id INTEGER PRIMARY KEY,"
    " address TEXT NOT NULL, canon TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " added_ms INTEGER NOT NULL, added_by TEXT NOT NULL) STRICT;"
    "CREATE TABLE test_mail(id INTEGER PRIMARY KEY,"
    " campaign INTEGER NOT NULL, at_ms INTEGER NOT NULL, by TEXT NOT NULL,"
    " recipient INTEGER NOT NULL, content BLOB NOT NULL,"
    " nonce BLOB NOT NULL) STRICT;"
    "CREATE INDEX test_mail_campaign ON test_mail(campaign, id);"
    "CREATE TABLE test_send(test INTEGER NOT NULL, item INTEGER NOT NULL,"
    " address TEXT NOT NULL, name TEXT NOT NULL,"
    " message_id TEXT NOT NULL, state INTEGER NOT NULL DEFAULT 0,"
    " at_ms INTEGER NOT NULL DEFAULT 0, code INTEGER NOT NULL DEFAULT 0,"
    " enhanced TEXT NOT NULL DEFAULT '', class TEXT NOT NULL DEFAULT '',"
    " reply TEXT NOT NULL DEFAULT '', relay TEXT NOT NULL DEFAULT '',"
    " host TEXT NOT NULL DEFAULT '', peer TEXT NOT NULL DEFAULT '',"
    " policy TEXT NOT NULL DEFAULT '', tls INTEGER NOT NULL DEFAULT 0,"
    " tls_version TEXT NOT NULL DEFAULT '',"
    " tls_cipher TEXT NOT NULL DEFAULT '', PRIMARY KEY(test, item))"
    " STRICT, WITHOUT ROWID;";

/* 4: the gate. */
static const char the_gate[] =
    /* See struct campaign. */
    "ALTER TABLE campaign ADD COLUMN confidential INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE campaign ADD COLUMN meant_for INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE campaign ADD COLUMN expected INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE campaign ADD COLUMN send_at_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE campaign ADD COLUMN send_until_ms INTEGER NOT NULL"
    " DEFAULT 0;"
    /* The text whose SHA-256 is inputs; why: an error as facts. */
    "ALTER TABLE review ADD COLUMN inputs_text TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE review_result ADD COLUMN why TEXT NOT NULL DEFAULT '';"
    /* Of whom a list is (enum circle), and addresses of our own that must be
     * in every audience made of it. */
    "ALTER TABLE list ADD COLUMN color INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE canary(id INTEGER PRIMARY KEY, list INTEGER NOT NULL"
    " REFERENCES list(id), address TEXT NOT NULL, canon TEXT NOT NULL,"
    " added_ms INTEGER NOT NULL, added_by TEXT NOT NULL,"
    " UNIQUE(list, canon)) STRICT;"
    /* What an audience was like, for the next one of its list.  domains: the
     * first eight octets of the SHA-256 of each domain, ascending. */
    "CREATE TABLE audience_profile(campaign INTEGER PRIMARY KEY,"
    " list INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " recipients INTEGER NOT NULL, domains BLOB NOT NULL) STRICT;"
    "CREATE TABLE audience_column(campaign INTEGER NOT NULL,"
    " name TEXT NOT NULL, filled INTEGER NOT NULL,"
    " PRIMARY KEY(campaign, name)) STRICT, WITHOUT ROWID;"
    /* What the last proof found to be looked at; kind: enum extract_kind. */
    "CREATE TABLE review_extract(campaign INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, text TEXT NOT NULL, messages INTEGER NOT NULL,"
    " first_seq INTEGER NOT NULL, PRIMARY KEY(campaign, kind, text))"
    " STRICT, WITHOUT ROWID;"
    /* Reviews of the log and of the people: what was signed; kind: enum
     * oversight_kind. */
    "CREATE TABLE oversight(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, by TEXT NOT NULL, from_seq INTEGER NOT NULL,"
    " to_seq INTEGER NOT NULL, items INTEGER NOT NULL,"
    " statement TEXT NOT NULL, signature TEXT NOT NULL) STRICT;"
    /* Whose keys may sign approvals; state: enum approver_state, mac: over
     * the row, so that a key put in from outside is none. */
    "CREATE TABLE approver_key(id INTEGER PRIMARY KEY, login TEXT NOT NULL,"
    " uid INTEGER NOT NULL, key BLOB NOT NULL UNIQUE, state INTEGER NOT NULL,"
    " asked_ms INTEGER NOT NULL, decided_ms INTEGER NOT NULL,"
    " decided_by TEXT NOT NULL, mac BLOB NOT NULL) STRICT;"
    /* What second persons have decided about sealed campaigns; verdict: enum
     * approval_verdict.  statement and signature as they came, empty for a
     * rejection. */
    "CREATE TABLE approval(id INTEGER PRIMARY KEY,"
    " campaign INTEGER NOT NULL, digest BLOB NOT NULL,"
    " verdict INTEGER NOT NULL, login TEXT NOT NULL, uid INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    " note TEXT NOT NULL, overrides TEXT NOT NULL,"
    " pam INTEGER NOT NULL, key BLOB NOT NULL,"
    " statement BLOB NOT NULL, signature BLOB NOT NULL) STRICT;"
    "CREATE INDEX approval_campaign ON approval(campaign, id);"
    /* Who is registered; see struct person. */
    "CREATE TABLE person(login TEXT PRIMARY KEY, roles INTEGER NOT NULL,"
    " masked INTEGER NOT NULL DEFAULT 0,"
    " disabled INTEGER NOT NULL DEFAULT 0,"
    " networks TEXT NOT NULL DEFAULT '', added_ms INTEGER NOT NULL,"
    " changed_ms INTEGER NOT NULL, changed_by TEXT NOT NULL,"
    " second_ms INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
    /* The first messages of a run, whose replies the rest waits for. */
    "CREATE TABLE run_pilot(campaign INTEGER PRIMARY KEY,"
    " size INTEGER NOT NULL, base INTEGER NOT NULL,"
    " withheld_before INTEGER NOT NULL, passed_ms INTEGER) STRICT;"
    /* A start that waits for its time: one for each campaign, kept when it is
     * over to tell what became of it.  digest: of the seal; host, mac: see
     * core/deliver/schedule.c. */
    "CREATE TABLE armed(campaign INTEGER PRIMARY KEY, state INTEGER NOT NULL,"
    " digest BLOB NOT NULL, at_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,"
    " armed_ms INTEGER NOT NULL, steady_ms INTEGER NOT NULL, by TEXT NOT NULL,"
    " nonce BLOB NOT NULL, host TEXT NOT NULL, mac BLOB NOT NULL,"
    " ended_ms INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '')"
    " STRICT;"
    /* The DNS doctor: the last examination and what it found, and every turn
     * there was; topic, code, before, after: stable words of
     * core/health/doctor.def, sign: enum doctor_sign. */
    "CREATE TABLE doctor_run(id INTEGER PRIMARY KEY CHECK(id = 1),"
    " at_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE doctor_finding(id INTEGER PRIMARY KEY, topic TEXT NOT NULL,"
    " code TEXT NOT NULL, sign INTEGER NOT NULL, subject TEXT NOT NULL,"
    " facts BLOB NOT NULL, found BLOB NOT NULL, record_name TEXT NOT NULL,"
    " record_type TEXT NOT NULL, record_value BLOB NOT NULL) STRICT;"
    "CREATE TABLE doctor_history(id INTEGER PRIMARY KEY,"
    " at_ms INTEGER NOT NULL, topic TEXT NOT NULL, subject TEXT NOT NULL,"
    " before TEXT NOT NULL, after TEXT NOT NULL,"
    " sign_before INTEGER NOT NULL, sign INTEGER NOT NULL,"
    " seen INTEGER NOT NULL) STRICT;"
    "CREATE INDEX doctor_history_subject"
    " ON doctor_history(topic, subject, id);"
    /* What DNS said of recipients' domains; state: enum census_state. */
    "CREATE TABLE census(domain TEXT PRIMARY KEY, state INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    /* Samples that must be read; plant: enum look_plant, reason: enum
     * sample_reason, or -1. */
    "CREATE TABLE review_look(campaign INTEGER NOT NULL,"
    " number INTEGER NOT NULL, position INTEGER NOT NULL,"
    " reason INTEGER NOT NULL, what TEXT NOT NULL, plant INTEGER NOT NULL,"
    " seen_ms INTEGER NOT NULL, by TEXT NOT NULL,"
    " PRIMARY KEY(campaign, number)) STRICT, WITHOUT ROWID;"
    /* What people have ticked ("tick KIND") and stated. */
    "CREATE TABLE review_word(campaign INTEGER NOT NULL, item TEXT NOT NULL,"
    " text TEXT NOT NULL, by TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY(campaign, item, text)) STRICT, WITHOUT ROWID;"
    "";

/* 5: the gate, finished. */
static const char the_gate_finished[] =
    /* Drills that people have done; result: as drill_result_write() makes
     * it. */
    "CREATE TABLE training(id INTEGER PRIMARY KEY, login TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, seconds INTEGER NOT NULL,"
    " planted INTEGER NOT NULL, found INTEGER NOT NULL,"
    " alarms INTEGER NOT NULL, sent INTEGER NOT NULL,"
    " result TEXT NOT NULL) STRICT;"
    "CREATE INDEX training_login ON training(login, id);"
    /* What was laid beside the audience when the checks ran: the differences
     * to the campaign before, as text, and the SHA-256 of the canaries and the
     * color (core/review/tripwires.c), empty when there were none. */
    "ALTER TABLE review ADD COLUMN differences TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE review ADD COLUMN tripwires TEXT NOT NULL DEFAULT '';"
    /* Wrong codes that somebody has typed to approve one seal. */
    "CREATE TABLE approval_miss(campaign INTEGER NOT NULL,"
    " seal BLOB NOT NULL, login TEXT NOT NULL, misses INTEGER NOT NULL,"
    " last_ms INTEGER NOT NULL, PRIMARY KEY(campaign, seal, login))"
    " STRICT, WITHOUT ROWID;"
    /* The same digest can be made of inputs_text, which is what is read. */
    "ALTER TABLE review DROP COLUMN inputs;"
    "";

/* 6: lists as they are. */
static const char lists_as_they_are[] =
    /* Words that people are marked with.  Nothing said about somebody stays
     * behind when the contact is deleted. */
    "CREATE TABLE tag(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)"
    " STRICT;"
    "CREATE TABLE contact_tag(contact INTEGER NOT NULL"
    " REFERENCES contact(id) ON DELETE CASCADE,"
    " tag INTEGER NOT NULL REFERENCES tag(id) ON DELETE CASCADE,"
    " PRIMARY KEY(contact, tag)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX contact_tag_tag ON contact_tag(tag, contact);"
    /* Saved filters of a list, evaluated whenever they are asked; filter: see
     * core/contacts/filter.h. */
    "CREATE TABLE segment(id INTEGER PRIMARY KEY, list INTEGER NOT NULL"
    " REFERENCES list(id), name TEXT NOT NULL UNIQUE, filter TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " changed_by TEXT NOT NULL, revision INTEGER NOT NULL DEFAULT 1) STRICT;"
    /* The part of its list that a campaign is for; 0: all of it. */
    "ALTER TABLE campaign ADD COLUMN segment INTEGER NOT NULL DEFAULT 0;"
    /* Which mail somebody was sent. */
    "CREATE INDEX outbox_contact ON outbox(contact);"
    /* What shows that somebody agreed: how (enum consent_how), the wording that
     * was shown (0: not known), from which IP address, on which paper, and when
     * it was confirmed (0: it was not). */
    "ALTER TABLE member ADD COLUMN how INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE member ADD COLUMN wording INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE member ADD COLUMN ip TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE member ADD COLUMN paper TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE member ADD COLUMN confirmed_ms INTEGER NOT NULL DEFAULT 0;"
    /* The trash.  trash_X has the columns of X behind the item's id, in the
     * same order: rows are copied by position.  kind: enum trash_kind; id: the
     * time, so that none is used twice; part_of: of a merge, the one who stayed
     * as that one was, whose id is contact and changed_ms stamp_ms. */
    "CREATE TABLE trash(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, by TEXT NOT NULL, list INTEGER NOT NULL,"
    " name TEXT NOT NULL, part_of INTEGER NOT NULL, contact INTEGER NOT NULL,"
    " stamp_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE trash_list(trash INTEGER PRIMARY KEY, id INTEGER NOT NULL,"
    " name TEXT NOT NULL, created_ms INTEGER NOT NULL,"
    " changed_ms INTEGER NOT NULL, changed_by TEXT NOT NULL,"
    " revision INTEGER NOT NULL, color INTEGER NOT NULL) STRICT;"
    "CREATE TABLE trash_contact(trash INTEGER NOT NULL, id INTEGER NOT NULL,"
    " address TEXT NOT NULL, canon TEXT NOT NULL, name TEXT NOT NULL,"
    " fields TEXT NOT NULL, quirk INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " PRIMARY KEY(trash, id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX trash_contact_id ON trash_contact(id);"
    "CREATE TABLE trash_member(trash INTEGER NOT NULL, list INTEGER NOT NULL,"
    " contact INTEGER NOT NULL, basis INTEGER NOT NULL,"
    " basis_at_ms INTEGER NOT NULL, basis_note TEXT NOT NULL,"
    " import INTEGER, how INTEGER NOT NULL, wording INTEGER NOT NULL,"
    " ip TEXT NOT NULL, paper TEXT NOT NULL, confirmed_ms INTEGER NOT NULL,"
    " PRIMARY KEY(trash, list, contact)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX trash_member_contact ON trash_member(contact);"
    "CREATE TABLE trash_canary(trash INTEGER NOT NULL, id INTEGER NOT NULL,"
    " list INTEGER NOT NULL, address TEXT NOT NULL, canon TEXT NOT NULL,"
    " added_ms INTEGER NOT NULL, added_by TEXT NOT NULL,"
    " PRIMARY KEY(trash, id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE trash_segment(trash INTEGER NOT NULL, id INTEGER NOT NULL,"
    " list INTEGER NOT NULL, name TEXT NOT NULL, filter TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL,"
    " changed_by TEXT NOT NULL, revision INTEGER NOT NULL,"
    " PRIMARY KEY(trash, id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE trash_tag(trash INTEGER NOT NULL, contact INTEGER NOT NULL,"
    " tag INTEGER NOT NULL, PRIMARY KEY(trash, contact, tag))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE trash_certificate(trash INTEGER NOT NULL,"
    " contact INTEGER NOT NULL, fingerprint BLOB NOT NULL,"
    " certificate BLOB NOT NULL, from_ms INTEGER NOT NULL,"
    " to_ms INTEGER NOT NULL, added_ms INTEGER NOT NULL,"
    " PRIMARY KEY(trash, contact, fingerprint)) STRICT, WITHOUT ROWID;"
    /* Entries of the stop list that a merge made, and takes back. */
    "CREATE TABLE trash_stop(trash INTEGER NOT NULL, key BLOB NOT NULL,"
    " list INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " PRIMARY KEY(trash, key, list)) STRICT, WITHOUT ROWID;"
    /* The lists of a person, and whether deleting one leaves any. */
    "CREATE INDEX member_contact ON member(contact);"
    /* What happened to somebody, as far as no other table says it; kind: enum
     * event_kind. */
    "CREATE TABLE contact_event(id INTEGER PRIMARY KEY,"
    " contact INTEGER NOT NULL, at_ms INTEGER NOT NULL, by TEXT NOT NULL,"
    " kind INTEGER NOT NULL, fact TEXT NOT NULL) STRICT;"
    "CREATE INDEX contact_event_contact ON contact_event(contact, id);"
    /* Under which ids and addresses somebody was known before. */
    "CREATE TABLE contact_alias(contact INTEGER NOT NULL,"
    " was INTEGER NOT NULL, canon TEXT NOT NULL,"
    " PRIMARY KEY(contact, was, canon)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX contact_alias_was ON contact_alias(was);"
    /* What people were shown when they agreed; a row is never changed. */
    "CREATE TABLE wording(id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " version INTEGER NOT NULL, text TEXT NOT NULL, sha256 BLOB NOT NULL,"
    " at_ms INTEGER NOT NULL, by TEXT NOT NULL, UNIQUE(name, version))"
    " STRICT;"
    /* Evidence that is no longer what the member's row says: what happened to
     * it (enum consent_change), and the evidence as it was.  key: as that of
     * suppression.  contact is 0 and left_ms is set when the person is no
     * longer in the list: from then on the time of keeping runs. */
    "CREATE TABLE consent_event(id INTEGER PRIMARY KEY, key BLOB NOT NULL,"
    " list INTEGER NOT NULL, contact INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
    " by TEXT NOT NULL, what INTEGER NOT NULL, reason TEXT NOT NULL,"
    " basis INTEGER NOT NULL, basis_at_ms INTEGER NOT NULL,"
    " basis_note TEXT NOT NULL, how INTEGER NOT NULL,"
    " wording INTEGER NOT NULL, ip TEXT NOT NULL, paper TEXT NOT NULL,"
    " confirmed_ms INTEGER NOT NULL, left_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX consent_event_contact ON consent_event(contact, list)"
    " WHERE contact <> 0;"
    "CREATE INDEX consent_event_left ON consent_event(left_ms)"
    " WHERE left_ms <> 0;"
    /* Entries that end (until_ms, 0: never), what is known of the reason, and
     * who made them. */
    "ALTER TABLE suppression ADD COLUMN until_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE suppression ADD COLUMN evidence TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE suppression ADD COLUMN by TEXT NOT NULL DEFAULT '';"
    /* How files of one origin are to be read, where they can be read in two
     * ways; origin: SHA-256, see core/import/choice.h. */
    "CREATE TABLE import_choice(origin BLOB PRIMARY KEY,"
    " charset TEXT NOT NULL, at_ms INTEGER NOT NULL, by TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    /* What an import was told and did: mode: enum import_mode; made_from to
     * made_to: the ids of contacts that it made; stopped: entries of the stop
     * list; cut: the end of the file was not read; reason: for going on where a
     * guard had stopped.  undo_ms: until when it can be undone, 0 for one of
     * before. */
    "ALTER TABLE import ADD COLUMN mode INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE import ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE import ADD COLUMN cut INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE import ADD COLUMN reason TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE import ADD COLUMN made_from INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE import ADD COLUMN made_to INTEGER NOT NULL DEFAULT -1;"
    "ALTER TABLE import ADD COLUMN undo_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE import ADD COLUMN undone_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE import ADD COLUMN undone_by TEXT NOT NULL DEFAULT '';"
    /* Whom an import has changed, as they were; kept until it cannot be undone
     * any more.  what: enum before_what; basis: NULL of who was no member. */
    "CREATE TABLE import_before(import INTEGER NOT NULL,"
    " contact INTEGER NOT NULL, what INTEGER NOT NULL, name TEXT NOT NULL,"
    " fields TEXT NOT NULL, changed_ms INTEGER NOT NULL, basis INTEGER,"
    " basis_at_ms INTEGER, basis_note TEXT, member_import INTEGER,"
    " how INTEGER, wording INTEGER, ip TEXT, paper TEXT,"
    " confirmed_ms INTEGER, PRIMARY KEY(import, contact))"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX import_before_contact ON import_before(contact);"
    /* Tags that an import gave. */
    "CREATE TABLE import_tag(import INTEGER NOT NULL,"
    " contact INTEGER NOT NULL, tag INTEGER NOT NULL,"
    " PRIMARY KEY(import, contact, tag)) STRICT, WITHOUT ROWID;"
    /* Mappings of columns that are kept; headers: what the file's headers
     * were, empty when it had none; mapping: see core/import/preset.c. */
    "CREATE TABLE import_preset(id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE, headers BLOB NOT NULL,"
    " mapping TEXT NOT NULL, changed_ms INTEGER NOT NULL,"
    " by TEXT NOT NULL) STRICT;"
    "";

/* 7: lists put to work. */
static const char lists_put_to_work[] =
    /* Addresses with capitals, which the stop list knows in lower case: see
     * core/store/stop_match.h. */
    "CREATE INDEX contact_cased ON contact(lower(canon))"
    " WHERE canon <> lower(canon);"
    /* What an import left out and repaired, by kind: what is the name of an
     * error, or "repair." and a kind; bare: who joined without a basis. */
    "CREATE TABLE import_tally(import INTEGER NOT NULL, what TEXT NOT NULL,"
    " rows INTEGER NOT NULL, PRIMARY KEY(import, what))"
    " STRICT, WITHOUT ROWID;"
    "ALTER TABLE import ADD COLUMN bare INTEGER NOT NULL DEFAULT 0;"
    /* People that left in a file, and requests to let them (core/export):
     * state: enum export_state; scope to reason: what was wanted; what: names
     * of list and segment at that time; alone: without a second person; shown:
     * enum statement_login.  A row stays when its list is deleted: it is what
     * the log's entry and the file's marks name. */
    "CREATE TABLE export(id INTEGER PRIMARY KEY, state INTEGER NOT NULL,"
    " scope INTEGER NOT NULL, list INTEGER NOT NULL,"
    " segment INTEGER NOT NULL, contact INTEGER NOT NULL,"
    " filter TEXT NOT NULL, parts INTEGER NOT NULL, fields TEXT NOT NULL,"
    " charset INTEGER NOT NULL, lost INTEGER NOT NULL,"
    " seal INTEGER NOT NULL, certificate BLOB NOT NULL,"
    " reason TEXT NOT NULL, what TEXT NOT NULL, people INTEGER NOT NULL,"
    " alone INTEGER NOT NULL, asked_by TEXT NOT NULL,"
    " asked_uid INTEGER NOT NULL, asked_ms INTEGER NOT NULL,"
    " decided_by TEXT NOT NULL DEFAULT '',"
    " decided_uid INTEGER NOT NULL DEFAULT 0,"
    " decided_ms INTEGER NOT NULL DEFAULT 0,"
    " expires_ms INTEGER NOT NULL DEFAULT 0,"
    " words TEXT NOT NULL DEFAULT '', shown INTEGER NOT NULL DEFAULT 0,"
    " statement BLOB NOT NULL DEFAULT x'',"
    " signature BLOB NOT NULL DEFAULT x'',"
    " made_ms INTEGER NOT NULL DEFAULT 0,"
    " octets INTEGER NOT NULL DEFAULT 0,"
    " sha256 BLOB NOT NULL DEFAULT x'') STRICT;"
    /* How somebody looks at a list: the columns, a line each, and the order. */
    "CREATE TABLE list_view(login TEXT NOT NULL, list INTEGER NOT NULL,"
    " columns TEXT NOT NULL, sorted INTEGER NOT NULL, down INTEGER NOT NULL,"
    " PRIMARY KEY(login, list)) STRICT, WITHOUT ROWID;"
    "";

static const char *const migrations[] = {first_campaign, full_pace, writing,
    the_gate, the_gate_finished, lists_as_they_are, lists_put_to_work};

const char *const *
schema_migrations(int *count)
{
	*count = (int)(sizeof migrations / sizeof *migrations);
	return migrations;
}
