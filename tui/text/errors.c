/* A sentence or two for every error code: what happened, where, and what to do
 * about it.  Facts stand as %{name}; %{sys} is the system's own reason.  What
 * they hold came from outside and goes through the gate. */
#include "tui/text/errors.h"

#include "tui/text/gate.h"
#include "tui/text/i18n.h"
#include "tui/text/words.h"

static const char *const patterns[ERR_CODE_COUNT] = {
    [E_NONE] = N_("Nothing went wrong."),
    [E_BUG] = N_("This must not happen (%{where}). It is a defect of Sekisho; "
		 "please report it."),
    [E_NO_MEMORY] =
	N_("There is no memory left. Close other programs and try again."),
    [E_FILE_OPEN] =
	N_("The file %{path} cannot be opened: %{sys}. Check its name "
	   "and its permissions."),
    [E_FILE_READ] =
	N_("The file %{path} cannot be read: %{sys}. Copy it to another "
	   "disk and try again."),
    [E_FILE_WRITE] =
	N_("The file %{path} cannot be written: %{sys}. Its old content "
	   "is unchanged; check the folder's permissions."),
    [E_FILE_SIZE] =
	N_("The file %{path} is larger than %{limit} octets. Split it "
	   "into smaller files."),
    [E_FILE_EXISTS] =
	N_("The file %{path} is there already and was left as it is. Choose "
	   "another name."),
    [E_DISK_FULL] =
	N_("The disk of %{path} is full. Nothing was changed; make room "
	   "and try again."),
    [E_CRYPTO] =
	N_("The cryptographic library refused to work (%{what}). Check "
	   "that OpenSSL 3 is installed completely."),
    [E_CHARSET_MISSING] =
	N_("This system does not know the encoding %{charset}. Save the "
	   "file as UTF-8 and try again."),
    [E_CHARSET_BYTES] =
	N_("Octet %{offset} is not %{charset}. Choose another encoding, "
	   "or repair the file there."),
    [E_CANCELLED] = N_("Stopped at your request."),
    [E_THREAD] = N_("The system gives no more threads: %{sys}. Close other "
		    "programs and try again."),
    [E_COMMAND_PATH] =
	N_("The command %{path} is not run: %{why}. Correct that, or name "
	   "another one."),
    [E_COMMAND_START] = N_("The command %{path} cannot be started: %{sys}."),
    [E_COMMAND_EXIT] =
	N_("The command %{path} failed (status %{status}). Run it by hand to "
	   "see why."),
    [E_COMMAND_TIMEOUT] =
	N_("The command %{path} was ended: it took longer than %{seconds} "
	   "seconds."),
    [E_COMMAND_OUTPUT] =
	N_("What the command %{path} has written cannot be used: %{why}."),
    [E_ADDRESS_SYNTAX] =
	N_("%{address} is not a mail address: %{why}. Correct it."),
    [E_ADDRESS_LENGTH] =
	N_("The address %{address} is longer than %{limit} octets, so "
	   "no server would take it. Correct it."),
    [E_ADDRESS_DOMAIN] =
	N_("The domain of %{address} cannot exist. Check how it is "
	   "written."),
    [E_ADDRESS_UTF8] =
	N_("The part before the @ of %{address} has characters that few "
	   "servers take. Ask for an address in plain letters."),
    [E_HEADER_BYTES] =
	N_("The field %{field} holds a line end or control character "
	   "and was refused. Remove it."),
    [E_HEADER_LENGTH] =
	N_("The field %{field} is longer than %{limit} octets. Shorten "
	   "it."),
    [E_DKIM_KEY] =
	N_("The DKIM key cannot be used (%{what}). Make a new key in "
	   "Setup and publish its record."),
    [E_MIME_PARSE] =
	N_("The message cannot be read at octet %{offset}: %{why}. It "
	   "is left as it is."),
    [E_ADDRESS_WIDTH] =
	N_("The address %{address} holds full-width or invisible "
	   "characters. Write it in plain letters."),
    [E_MIME_TEXT] =
	N_("The %{part} part of the message holds a control character or is "
	   "not UTF-8 (octet %{offset}). Remove what does not belong there."),
    [E_DKIM_MESSAGE] =
	N_("The message cannot be signed (%{why}). It was not sent; please "
	   "report this defect."),
    [E_DKIM_VERIFY] =
	N_("The DKIM signature does not hold (%{why}). Compare the published "
	   "record with the key in Setup."),
    [E_DKIM_RECORD] =
	N_("The DKIM key record cannot be read: %{why}. Publish the one that "
	   "Setup shows."),
    [E_SMIME] =
	N_("The message cannot be signed or encrypted with S/MIME (%{what}). "
	   "It was not sent; check the certificate in Setup."),
    [E_SMIME_FILE] = N_("The certificate file cannot be used: %{why}."),
    [E_SMIME_CERTIFICATE] =
	N_("The certificate cannot be used for %{address}: %{why}. Get one "
	   "that fits."),
    [E_NET_RESOLVE] =
	N_("The name %{host} cannot be found: %{why}. Check the name "
	   "and the network."),
    [E_NET_CONNECT] =
	N_("No connection to %{host} port %{port}: %{sys}. Check the "
	   "relay's address and the firewall."),
    [E_NET_TIMEOUT] =
	N_("%{host} did not answer for %{seconds} seconds (%{stage}). "
	   "It is tried again later."),
    [E_NET_CLOSED] =
	N_("%{host} closed the connection (%{stage}). It is tried again "
	   "later."),
    [E_NET_IO] =
	N_("The connection to %{host} broke: %{sys}. It is tried again "
	   "later."),
    [E_TLS_SETUP] =
	N_("TLS cannot be prepared (%{what}, %{path}). Check that the "
	   "certificate file exists and can be read."),
    [E_TLS_HANDSHAKE] =
	N_("TLS with %{host} failed: %{why}. Nothing was sent in plain "
	   "text; ask the relay's administrator."),
    [E_TLS_VERIFY] =
	N_("The certificate of %{host} cannot be trusted: %{why}. "
	   "Nothing was sent; check the host name and the CA file."),
    [E_TLS_MISSING] =
	N_("%{host} does not offer STARTTLS. Nothing was sent; use a "
	   "relay that does."),
    [E_TLS_INJECT] =
	N_("%{host} sent plain text after STARTTLS, as an attacker "
	   "would. The connection was closed; tell the relay's "
	   "administrator."),
    [E_TLS_PIN] =
	N_("%{host} showed another key than the one that is pinned: %{pin}. "
	   "Nothing was sent; ask the relay's administrator whether its key "
	   "has changed."),
    [E_TLS_DOWNGRADE] =
	N_("%{host} offers less than before: %{what}. Somebody may stand in "
	   "between. Nothing was sent; ask its administrator, then accept it "
	   "on the relay's page."),
    [E_SMTP_AUTH_UNVERIFIED] =
	N_("The password was not given to %{host}: nobody has verified who it "
	   "is, and it offers no SCRAM. Verify it or pin its key; or name the "
	   "mechanism on the relay's page."),
    [E_SASL_SERVER] =
	N_("%{host} could not prove that it knows the password (%{why}). "
	   "Nothing was sent; it may be an impostor."),
    [E_SMTP_REPLY] = N_("%{host} refused (%{stage}): %{reply}"),
    [E_SMTP_PROTOCOL] =
	N_("%{host} does not keep to SMTP (%{stage}): %{reply}. Check "
	   "that this is a mail relay."),
    [E_SMTP_AUTH] =
	N_("%{host} refused user or password: %{reply}. Correct them in "
	   "Setup."),
    [E_SMTP_AUTH_PLAINTEXT] =
	N_("A password is never sent to %{host} without TLS. Turn TLS "
	   "on in Setup."),
    [E_SMTP_AUTH_NONE] =
	N_("%{host} offers no way to sign in that fits the relay's settings "
	   "(SCRAM, OAuth, PLAIN, LOGIN). Choose another in Setup, or ask its "
	   "administrator."),
    [E_SMTP_BODY] =
	N_("The message was not sent: %{why} at octet %{offset}. This is "
	   "a fault of Sekisho; please report it."),
    [E_SMTP_SIZE] =
	N_("The message has %{size} octets, %{host} takes %{limit}. Make "
	   "it shorter."),
    [E_SMTP_8BIT] =
	N_("%{host} does not take 8-bit messages, so nothing was sent. "
	   "Use another relay."),
    [E_SMTP_UTF8] =
	N_("%{host} does not take addresses or headers in UTF-8, so "
	   "nothing was sent. Use another relay."),
    [E_SMTP_REQUIRETLS] =
	N_("%{host} cannot promise TLS for the rest of the way "
	   "(REQUIRETLS), so nothing was sent. Use another relay."),
    [E_NET_CLEAR] =
	N_("Nothing is sent in plain text to %{host}: without TLS only "
	   "this computer itself is allowed. Turn TLS on in Setup."),
    [E_NET_DIAL_LOOPBACK] =
	N_("%{host} (%{address}) was not contacted: here only the "
	   "practice relay on this computer is allowed."),
    [E_DNS_SETUP] =
	N_("The resolver cannot be started (%{what}): %{why}. Check its "
	   "configuration file and the DNSSEC root key of this system."),
    [E_DIRECT_NAME] =
	N_("Direct delivery needs a full host name of this computer to say to "
	   "the receivers, not \"%{name}\". Set the EHLO name in Setup."),
    [E_DNS_NONE] =
	N_("The domain %{domain} does not exist. Check how the address is "
	   "written."),
    [E_DNS_LATER] =
	N_("DNS gives no answer about %{name} for now (%{status}). It is "
	   "asked again later."),
    [E_DNS_BOGUS] =
	N_("The DNS answer about %{name} has a wrong DNSSEC signature and is "
	   "not believed. It is asked again later."),
    [E_MX_NULL] = N_("The domain %{domain} declares that it takes no mail."),
    [E_MX_UNUSABLE] =
	N_("The domain %{domain} names no mail host that could be reached by "
	   "its name."),
    [E_MX_LOOP] =
	N_("The mail of %{domain} belongs to this computer itself (%{host}). "
	   "It is not sent to itself; correct the MX record or EHLO name."),
    [E_STS_POLICY] =
	N_("The MTA-STS policy of %{domain} cannot be used: %{why}."),
    [E_NET_FETCH] = N_("%{host} gives no answer over HTTPS: %{why}"),
    [E_STS_FETCH] =
	N_("The MTA-STS policy of %{domain} cannot be fetched: %{why}. It is "
	   "tried again later."),
    [E_STS_HOSTS] =
	N_("None of the mail hosts of %{domain} is allowed by its MTA-STS "
	   "policy. Nothing is sent there before that is put right."),
    [E_SPF_RECORD] = N_("SPF of %{domain}: %{why} (%{term})."),
    [E_SPF_IP] =
	N_("\"%{ip}\" is no IP address. Write it as 192.0.2.1 or 2001:db8::1."),
    [E_DMARC_RECORD] = N_("DMARC of %{domain}: %{why} (%{tag})."),
    [E_TXT_RECORD] = N_("The record cannot be read (%{what}): %{why}."),
    [E_STORE_DIR] =
	N_("The folder %{path} cannot be used for the store: %{sys}. "
	   "Check its permissions or choose another with --store."),
    [E_STORE_MODE] =
	N_("Others can read %{path}. Take their permissions away (chmod "
	   "go-rwx) and start again."),
    [E_STORE_EXISTS] =
	N_("There is a store in %{path} already. Open it, or choose "
	   "another folder."),
    [E_STORE_MISSING] =
	N_("There is no store in %{path}. Check the folder given with "
	   "--store."),
    [E_STORE_IN_USE] =
	N_("The store %{path} is open in process %{pid} of %{user}. "
	   "Close that one first."),
    [E_STORE_KEY] =
	N_("The key does not open %{path}: another passphrase, or a "
	   "keyring of another store. Nothing was changed."),
    [E_STORE_NOT_DB] =
	N_("%{path} is damaged at its beginning or is no store. Restore "
	   "a backup; the damaged file is kept."),
    [E_STORE_PAGE] =
	N_("Page %{page} of %{path} was changed or is damaged. Nothing "
	   "was read from it; restore a backup."),
    [E_STORE_TRUNCATED] =
	N_("%{path} is shorter than it was. Restore a backup; the file "
	   "is kept as it is."),
    [E_STORE_EMPTY] =
	N_("%{path} is empty though it has been in use. Restore a "
	   "backup."),
    [E_STORE_WAL] =
	N_("The journal of %{path} is damaged at frame %{frame}. What "
	   "was committed before it is safe; keep a copy of all files "
	   "and restore a backup."),
    [E_STORE_ROLLED_BACK] =
	N_("%{path} is older than when it was last open (generation "
	   "%{found}, expected %{seen}). If you restored a backup, say "
	   "so when asked; if not, tell your administrator."),
    [E_STORE_SELF_TEST] =
	N_("The store does not work with this SQLite %{version} (step "
	   "%{step}). Nothing was opened; report the version."),
    [E_STORE_VERSION] =
	N_("The store was written by a newer Sekisho (version %{found}, "
	   "this one knows %{known}). Install the newer one."),
    [E_STORE_BUSY] =
	N_("The store is busy (%{what}). Wait until that is done and "
	   "try again."),
    [E_STORE_FULL] =
	N_("The disk of %{path} is full. The last change was taken "
	   "back; make room and try again."),
    [E_STORE_SQL] = N_("The store refused a request (%{what}, code %{code}). "
		       "Nothing was changed; please report it."),
    [E_STORE_DENIED] =
	N_("The store does not allow this (%{what}). Nothing was "
	   "changed."),
    [E_KEYRING_READ] =
	N_("The keyring %{path} cannot be read: %{sys}. Without it the "
	   "store cannot be opened; check its permissions or restore it."),
    [E_KEYRING_DAMAGED] =
	N_("The keyring %{path} is damaged: %{why}. Restore it from a "
	   "backup."),
    [E_KEYRING_PASSPHRASE] =
	N_("That passphrase does not open the store. Try again; capital "
	   "letters and input method matter."),
    [E_KEYRING_FULL] =
	N_("The keyring has no place left (%{limit} people). Remove "
	   "somebody first."),
    [E_PASSPHRASE_WEAK] =
	N_("The passphrase is too short: at least %{limit} characters. "
	   "Several words are easy to remember."),
    [E_AUDIT_CHAIN] = N_("The audit log was changed outside of Sekisho: entry "
			 "%{entry}: %{why}. Tell your administrator before you "
			 "go on."),
    [E_AUDIT_HEAD] =
	N_("The audit log ends at entry %{found}, but %{seen} were "
	   "written. Tell your administrator before you go on."),
    [E_AUDIT_SEALED] =
	N_("The audit log is not the one that was sealed at %{at}: entry "
	   "%{entry} is another one or gone (line %{line} of the seals). "
	   "Tell your administrator before you go on."),
    [E_AUDIT_LINE] =
	N_("Line %{line} of %{path} was changed after this store signed it. "
	   "Tell your administrator before you go on."),
    [E_AUDIT_SEALS] =
	N_("%{path} lacks the seal of entry %{entry}, which the log says was "
	   "written there. Bring the file back, or tell your "
	   "administrator."),
    [E_SETTING_UNKNOWN] =
	N_("There is no setting called %{name}. Check how it is written."),
    [E_SETTING_VALUE] =
	N_("The setting %{name} does not take this value: %{why}. The "
	   "old value stays."),
    [E_PAM_SERVICE] =
	N_("The sign-in file %{path} is missing, so nobody can sign in. "
	   "Install it (docs/sekisho.pam)."),
    [E_PAM_SERVICE_MODE] =
	N_("The sign-in file %{path} can be changed by others than "
	   "root. Correct owner and permissions first."),
    [E_PAM_DENIED] =
	N_("Sign-in failed. Attempts left before a pause: %{left}."),
    [E_PAM_ACCOUNT] = N_("Your account may not sign in: %{why}. Ask your "
			 "administrator."),
    [E_PAM_NEW_PASSWORD] =
	N_("Your password has expired. Change it with passwd in a "
	   "shell, then sign in again."),
    [E_PAM_NO_PROMPT] =
	N_("The system let you in without asking anything, which "
	   "Sekisho does not accept. Ask your administrator to check "
	   "the sign-in file."),
    [E_PAM_USER] =
	N_("The system signed in %{found} instead of %{user}. Sign-in "
	   "was refused; ask your administrator."),
    [E_PAM_SYSTEM] =
	N_("The sign-in system failed (PAM code %{code}). Ask your "
	   "administrator."),
    [E_PAM_AGENT] =
	N_("The sign-in helper cannot be started: %{sys}. Try again."),
    [E_LOCKED_OUT] =
	N_("Too many failed attempts. Wait %{seconds} seconds, then try "
	   "again."),
    [E_ROLE] = N_("%{login} may not do this: it takes the permission "
		  "%{permission}, which no role of this person holds. An "
		  "administrator gives roles in Setup, People."),
    [E_STEPUP] = N_("Before this the policy wants a new sign-in, which is good "
		    "for one step within three minutes. Do it again and sign "
		    "in."),
    [E_STEPUP_FACTORS] =
	N_("The policy wants two factors, and PAM has asked for "
	   "one only. Whoever looks after this host can add "
	   "another to /etc/pam.d/sekisho."),
    [E_PERSON_FIELD] = N_("This cannot stand in %{field}: %{why}."),
    [E_PERSON_LAST] =
	N_("Nobody would be left who is an administrator and may sign in. "
	   "Make somebody else one first."),
    [E_PERSON_SELF] = N_("Nobody removes oneself: another administrator has to "
			 "remove %{login}."),
    [E_PERSON_UNKNOWN] =
	N_("%{login} is not registered in this store. An administrator "
	   "registers people in Setup, People."),
    [E_PERSON_DISABLED] =
	N_("%{login} is registered but disabled. An administrator can change "
	   "that in Setup, People."),
    [E_ORIGIN_REFUSED] =
	N_("Nobody may sign in as %{login} from here (%{origin}): the "
	   "addresses that may are in Setup, Policy and People."),
    [E_ORIGIN_NONE] =
	N_("The login record of this terminal names no address (tmux, screen "
	   "or su hide it), and %{login} may sign in from certain addresses "
	   "only. Sign in directly over SSH."),
    [E_ORIGIN_SELF_NONE] =
	N_("The login record of this terminal names no address (tmux, screen "
	   "or su hide it): with these networks you could not sign in from "
	   "here again. Do this from a terminal of SSH."),
    [E_ORIGIN_SELF] =
	N_("You sit at %{origin}, and this would keep you out yourself. Add "
	   "a network that holds your own address."),
    [E_NETWORK] =
	N_("This is no network: %{line} (%{why}). Write one a line, such as "
	   "192.0.2.0/24 or 2001:db8::/32."),
    [E_ALERT_FACTS] =
	N_("An alert can hold facts only; this one was not sent."),
    [E_ALERT_NOWHERE] = N_("Nobody is set up to be told. Name a command, or "
			   "a relay and an address."),
    [E_NOTIFY] = N_("The service manager's NOTIFY_SOCKET cannot be used: "
		    "%{sys}."),
    [E_SOCKET_NONE] =
	N_("No Sekisho holds the store in %{path}. Start it with: sekisho"),
    [E_SOCKET_CALL] =
	N_("The Sekisho that holds the store in %{path} cannot be reached: "
	   "%{sys}."),
    [E_SOCKET_OPEN] =
	N_("Other terminals cannot reach this Sekisho; its socket in %{path} "
	   "cannot be made: %{sys}."),
    [E_SOCKET_CLOSED] = N_("The connection to the running Sekisho has ended."),
    [E_SOCKET_FRAME] =
	N_("What came over the socket is not understood; nothing was done."),
    [E_SOCKET_VERSION] =
	N_("The running Sekisho speaks version %{found} of the socket, this "
	   "one %{known}. Use the program that was started."),
    [E_SOCKET_FULL] =
	N_("Too many callers at once (%{limit}). Try again in a moment."),
    [E_SOCKET_USER] =
	N_("%{user} may not do this: the screen is for the user who started "
	   "Sekisho, watching for the users of a shared store."),
    [E_SOCKET_TERMINAL] =
	N_("No terminal was handed over. Use sekisho attach on a terminal."),
    [E_SOCKET_REASON] =
	N_("A stop wants a reason, in up to 200 octets: the log keeps it."),
    [E_SOCKET_IDLE] = N_("No delivery is under way."),
    [E_SIGNER_EXISTS] =
	N_("There is a key in %{path} already. Move it away to make another "
	   "one."),
    [E_SIGNER_MISSING] =
	N_("There is no key in %{path}. Make one with: sekisho approve "
	   "--make-key"),
    [E_SIGNER_MODE] =
	N_("The key in %{path} is not yours alone. Make another one, and "
	   "have this one revoked."),
    [E_SIGNER_PASSPHRASE] =
	N_("This passphrase does not open the key in %{path}."),
    [E_SIGNER_KEY] = N_("In %{path} is no key to sign approvals with."),
    [E_APPROVER_KEY] = N_("The key of %{login} does not count: %{why}."),
    [E_CAMPAIGN_MISSING] =
	N_("Campaign %{id} is gone. Go back to the list and look again."),
    [E_CAMPAIGN_STATE] =
	N_("The campaign is %{state}; this needs it to be %{wanted}. "
	   "Nothing was changed."),
    [E_CAMPAIGN_FIELD] =
	N_("The field %{field} cannot be saved: %{why}. Correct it."),
    [E_SNIPPET_FIELD] = N_("The snippet cannot be saved. %{field}: %{why}."),
    [E_SNIPPET_MISSING] =
	N_("The snippet is gone. Go back to the list and look again."),
    [E_CAMPAIGN_CONFLICT] =
	N_("Somebody else has changed the campaign meanwhile (revision "
	   "%{found}, yours is %{revision}). Load it again before you "
	   "save."),
    [E_LIST_MISSING] =
	N_("List %{id} is gone. Go back to the lists and look again."),
    [E_LIST_NAME] =
	N_("The list cannot be called %{name}: %{why}. Choose another "
	   "name."),
    [E_CANARY_TWICE] = N_("%{address} is a canary of this list already."),
    [E_CANARY_FULL] =
	N_("The list has %{limit} canaries already. Remove one first."),
    [E_CANARY_MISSING] = N_("This canary was removed meanwhile. Look again."),
    [E_FILTER_LONG] = N_("The filter is longer than %{limit} octets."),
    [E_FILTER_TERMS] = N_("The filter has more than %{limit} words."),
    [E_FILTER_CHARACTER] =
	N_("Character %{column} of the filter is none that can be typed."),
    [E_FILTER_QUOTE] =
	N_("The quotation mark at character %{column} is never closed."),
    [E_FILTER_EMPTY] = N_("At character %{column}, %{what}."),
    [E_FILTER_COMPARE] =
	N_("This cannot be compared that way (character %{column})."),
    [E_FILTER_VALUE] = N_("At character %{column}, %{why}."),
    [E_FILTER_UNKNOWN] = N_("At character %{column}, %{what}."),
    [E_FILTER_MASKED] =
	N_("What this asks for is masked for you (character %{column})."),
    [E_SEGMENT_NAME] =
	N_("The segment cannot be called %{name}: %{why}. Choose another "
	   "name."),
    [E_SEGMENT_MISSING] =
	N_("Segment %{id} is gone. Go back to the lists and look again."),
    [E_SEGMENT_USED] =
	N_("%{count} campaigns are for this segment, %{campaign} among them. "
	   "Choose another audience there first."),
    [E_SEGMENT_EMPTY] =
	N_("A segment needs a filter; without one it would be the whole "
	   "list."),
    [E_TAG_NAME] = N_("This is no tag: %{why}. A tag is a word or two."),
    [E_TAG_MISSING] = N_("This tag is not there any more. Look again."),
    [E_TAG_USED] =
	N_("The segment %{segment} asks for this tag. Change that first."),
    [E_CONTACT_MISSING] = N_("Nobody of those is there any more. Look again."),
    [E_CONTACT_FIELD] =
	N_("%{field} cannot be stored: %{why}. Nothing was changed."),
    [E_CONTACT_TAKEN] =
	N_("Another contact has this address already. Open that one, or "
	   "merge the two."),
    [E_CONTACT_CONFLICT] =
	N_("This contact was changed by somebody else meanwhile. Open it "
	   "again; nothing was stored."),
    [E_CONTACT_SAME] = N_("This is one and the same contact."),
    [E_TRASH_NOTHING] =
	N_("You have done nothing since you came in that u could undo."),
    [E_TRASH_MISSING] =
	N_("This is no longer in the trash: it was restored or deleted for "
	   "good."),
    [E_SUPPRESS_FIELD] = N_("This cannot stand in %{field}: %{why}."),
    [E_SUPPRESS_MISSING] =
	N_("This entry was taken off the stop list meanwhile. Look again."),
    [E_SUPPRESS_TYPED] =
	N_("This entry is taken off on the screen Stops alone, by typing its "
	   "whole address; what was typed is not it."),
    [E_SUPPRESS_POLICY] =
	N_("The policy keeps everybody on the stop list who unsubscribed, "
	   "complained or was erased."),
    [E_CONSENT_FIELD] = N_("This cannot stand in %{field}: %{why}."),
    [E_WORDING] = N_("The %{field} of a wording cannot be this: %{why}."),
    [E_WORDING_MISSING] = N_("There is no wording %{id}."),
    [E_ERASE_FIELD] = N_("This cannot stand in %{field}: %{why}."),
    [E_ERASE_SENDING] =
	N_("Campaign %{campaign} is being delivered and holds this person. "
	   "Let the delivery end first; nothing was erased."),
    [E_CSV_QUOTE_OPEN] =
	N_("%{path} line %{line}: a quotation mark is never closed. "
	   "Correct the file; nothing was stored."),
    [E_CSV_CELL_LONG] =
	N_("%{path} line %{line}, column %{column}: the cell is longer "
	   "than %{limit} octets. Correct the file; nothing was stored."),
    [E_CSV_COLUMNS] =
	N_("%{path} line %{line} has %{found} columns; at most %{limit} "
	   "are read. Check the separator."),
    [E_CSV_EMPTY] = N_("%{path} holds no rows. Choose another file."),
    [E_IMPORT_ENCODING] =
	N_("%{path} line %{line} is not %{charset}. Choose another "
	   "encoding or repair the line; nothing was stored."),
    [E_IMPORT_ENCODING_UNSURE] =
	N_("The encoding of %{path} cannot be told for sure. Choose it "
	   "yourself and look at the first rows."),
    [E_IMPORT_NO_ADDRESS] =
	N_("No column of %{path} is taken as the mail address. Choose "
	   "one."),
    [E_IMPORT_MAPPING] =
	N_("Column %{column} cannot be used this way: %{why}. Choose "
	   "another target."),
    [E_IMPORT_BASIS] =
	N_("Say first on which basis these people may be mailed."),
    [E_IMPORT_TYPE] = N_("%{path} is no CSV file: %{found}."),
    [E_IMPORT_DESTROYED] =
	N_("Line %{line}: %{kind}: %{sample}. Another program has destroyed "
	   "this text before it came here; export it again from its source."),
    [E_ROW_SHORT] = N_("%{found} columns instead of %{wanted}."),
    [E_ROW_LONG] =
	N_("%{found} columns, more than the %{wanted} of the heading."),
    [E_ROW_NO_ADDRESS] = N_("There is no address."),
    [E_ROW_TWO_ADDRESSES] = N_("More than one address in the cell."),
    [E_IMPORT_MISSING] = N_("This import is not in the store."),
    [E_IMPORT_UNDO_LATE] =
	N_("This import can no longer be undone: what was there before it is "
	   "kept for %{days} days."),
    [E_IMPORT_UNDO_TWICE] = N_("%{by} has undone this import already."),
    [E_IMPORT_UNDO_LIST] =
	N_("The list of this import is gone. If it is in the trash, restore it "
	   "and undo the import then."),
    [E_IMPORT_UNDO_REASON] = N_("Say why in %{min} to 500 characters: %{why}."),
    [E_IMPORT_CHANGED] =
	N_("%{path} was changed since it was read. Open it again."),
    [E_EXPORT_FORBIDDEN] = N_("The rules of this house allow no export of "
			      "people (Setup, export.allowed)."),
    [E_EXPORT_PLAIN] = N_("The rules of this house allow no file in plain text "
			  "(Setup, export.plain). Choose a passphrase or a "
			  "certificate."),
    [E_EXPORT_FIELD] = N_("This cannot stand in %{field}: %{why}."),
    [E_EXPORT_EMPTY] = N_("Nobody is in this export. Nothing was written."),
    [E_EXPORT_LOSS] =
	N_("%{cells} cells hold characters that the encoding lacks. Choose "
	   "UTF-8, or agree to the loss. Nothing was written."),
    [E_EXPORT_NEEDED] =
	N_("%{people} people are more than one person may export alone "
	   "(%{over}). Ask a second person for approval."),
    [E_EXPORT_REQUEST] =
	N_("Request %{id} cannot be used: %{why}. Ask for approval again."),
    [E_EXPORT_CHANGED] =
	N_("What was approved is not what would be written now: %{what}. Ask "
	   "for approval again."),
    [E_EXPORT_CIPHER] =
	N_("The file cannot be encrypted. Nothing was written."),
    [E_ROW_UNKNOWN] = N_("Not on this list."),
    [E_ROW_NOT_AGREED] = N_("Did not agree, says the file."),
    [E_ROW_CONTROL] = N_("Column %{column}: control characters."),
    [E_ROW_CHARACTER] =
	N_("Column %{column}: a character that cannot be read."),
    [E_ROW_QUOTE] = N_(
	"Column %{column}: text after the closing quotation mark. Double the "
	"marks inside a cell."),
    [E_IMPORT_SHIFTED] =
	N_("From line %{line} on, %{column} does not stand beside the right "
	   "people: %{flagged} of %{compared} known rows have what belongs "
	   "to a neighbour. Nothing was stored. Correct the file, or write "
	   "why it is right."),
    [E_IMPORT_SORTED] =
	N_("%{column} has changed for %{changed} of %{known} known people at "
	   "once, as when only one column was sorted. Nothing was stored. "
	   "Correct the file, or write why it is right."),
    [E_IMPORT_OVERRULE] =
	N_("Write in a few words why the file is right; at least %{min} "
	   "characters."),
    [E_ROW_DATE] = N_("Column %{column}: %{why}."),
    [E_ROW_IP] = N_("Column %{column}: this is no IP address."),
    [E_ROW_TEXT] = N_("Column %{column}: longer than %{limit} octets."),
    [E_ROW_TAGS] = N_("Column %{column}: more than %{limit} tags."),
    [E_PRESET_NAME] = N_("A saved mapping cannot have this name: %{why}."),
    [E_PRESET_MISSING] = N_("This saved mapping is not there any more."),
    [E_PRESET_COLUMN] =
	N_("The saved mapping does not fit this file: it has no column "
	   "%{column}. Choose the columns by hand, and save them again."),
    [E_ROW_JSON] =
	N_("Column %{column}: the JSON object cannot be taken apart: "
	   "%{why}."),
    [E_IMPORT_MEMBERS] =
	N_("%{path} holds %{found} files. Choose which one is the list."),
    [E_ZIP] = N_("The archive %{path} cannot be read: %{why}."),
    [E_ZIP_MEMBER] =
	N_("%{member} in the archive %{path} cannot be read: %{why}."),
    [E_ATTACH_FILE] = N_("%{file} cannot be attached: %{why}."),
    [E_ATTACH_SIZE] =
	N_("%{file} has %{octets} octets, %{limit} are allowed. Make it "
	   "smaller, put it on your web site and link to it, or raise the "
	   "limit in Setup."),
    [E_ATTACH_REFUSED] = N_("%{file} must not be sent (%{kind}): %{why}."),
    [E_ATTACH_COUNT] = N_("There are more than %{limit} files. Attach fewer."),
    [E_ATTACH_PATTERN] =
	N_("This is no rule for the names of files: %{why}. Write it like "
	   "invoice-{{id}}.pdf."),
    [E_ATTACH_MANIFEST] =
	N_("Line %{line} of the manifest, %{file}: %{why}. Nothing was "
	   "attached."),
    [E_ATTACH_EMPTY] =
	N_("No file fits %{pattern}. Check the folder and the rule."),
    [E_ATTACH_MISSING] =
	N_("This attachment is no longer there. Look at the list again."),
    [E_ATTACH_DIGEST] =
	N_("The store does not hold the file %{digest} as it was attached. "
	   "Remove it and attach it again."),
    [E_ATTACH_KEY] =
	N_("The field %{field} has no value that could name a file. Fill it "
	   "in for this recipient."),
    [E_ATTACH_NONE] =
	N_("There is no file for %{key}. Add it, or take the recipient off "
	   "the list."),
    [E_MERGE_UNKNOWN] =
	N_("There is no field called %{field} (%{part}, line %{line}). "
	   "Choose a field of the list, or correct its name."),
    [E_MERGE_SYNTAX] =
	N_("A merge field is not written rightly (%{part}, line "
	   "%{line}, column %{column}): %{why}. A field is {{name}} or "
	   "{{name|fallback}}, a section {{#name}}..{{/name}}."),
    [E_MERGE_EMPTY] =
	N_("The field %{field} is empty for this person and has no "
	   "fallback. Write {{%{field}|fallback}}."),
    [E_MERGE_BYTES] =
	N_("The value of %{field} holds a line end or control character "
	   "that must not get into the %{part}. Correct the contact."),
    [E_MERGE_VALUE] =
	N_("The value of %{field} does not fit its place: %{why}. Correct the "
	   "contact, or the field in the text."),
    [E_MARKDOWN] = N_("Line %{line} of the text cannot be formatted: %{why}."),
    [E_MARKDOWN_HTML] =
	N_("Line %{line} of the text holds HTML, which is never sent as "
	   "such. Use Markdown, or write \\< for a plain <."),
    [E_URL_SCHEME] =
	N_("The link %{url} in line %{line} is not allowed. It must begin "
	   "with https, http, mailto or tel."),
    [E_URL_HOST] =
	N_("The link %{url} in line %{line} names no host that can exist. "
	   "Correct it."),
    [E_URL_MARK] =
	N_("In the link %{url}, line %{line}, a merge field may stand only "
	   "behind the host name, so that no contact can choose where it "
	   "leads."),
    [E_IMAGE_MISSING] =
	N_("%{url} in line %{line} is no image of this campaign. Attach it "
	   "(a on the campaign's page), or correct the name."),
    [E_SENDER_MISSING] =
	N_("The sender is not complete: %{setting} is missing. Fill it "
	   "in under Setup; the law asks for it."),
    [E_BODY_EMPTY] = N_("The text is empty. Write it first."),
    [E_BODY_LENGTH] =
	N_("The text is longer than %{limit} octets. Shorten it."),
    [E_DKIM_MISSING] =
	N_("There is no DKIM key for %{domain}. Make one in Setup and "
	   "publish its record."),
    [E_MAIL_THEME] =
	N_("Line %{line}, column %{column} of the mail theme: %{why} "
	   "%{wanted}"),
    [E_MAIL_THEME_CONTRAST] =
	N_("The mail theme cannot be read well: %{pair} has a contrast of "
	   "%{contrast} in the %{scheme} scheme, and 4.5 is needed."),
    [E_SMIME_IDENTITY] =
	N_("The S/MIME certificate of the sender cannot be used: %{why}."),
    [E_SMIME_RECIPIENT] =
	N_("This campaign must be encrypted, and for %{address} no valid "
	   "certificate is known. Import one or leave the address out."),
    [E_REVIEW_BLOCKED] =
	N_("The check %{check} blocks the launch (%{count}). Repair "
	   "what it names, then run the checks again."),
    [E_REVIEW_STALE] =
	N_("Something was changed after the checks: %{what}. Run them "
	   "again."),
    [E_REVIEW_UNANSWERED] = N_("The check %{check} waits for your answer."),
    [E_REVIEW_ANSWER] = N_("The answer to %{check} is not taken: %{why}."),
    [E_REVIEW_COUNT] =
	N_("That is not the number of mails this sends. Look at the "
	   "page before; tries left: %{left}."),
    [E_REVIEW_PAUSE] =
	N_("Too many wrong answers. Wait %{seconds} seconds and read "
	   "the campaign again."),
    [E_REVIEW_SEAL] =
	N_("The campaign does not fit its seal: %{what}. Nothing was "
	   "sent; run the checks again."),
    [E_REVIEW_EMPTY] =
	N_("Nobody is left to be mailed. Check list, consent and stop "
	   "list."),
    [E_REVIEW_FINDING] = N_("Recipient %{seq}: %{what} %{value}"),
    [E_REVIEW_CODE] =
	N_("Those are not the codes of the newest test mail. Tries left: "
	   "%{left}."),
    [E_REVIEW_LOOK] = N_("Each sample must be on the screen for at least "
			 "%{seconds} seconds."),
    [E_REVIEW_NO_TEST] =
	N_("There is no test mail of the present content from the last 24 "
	   "hours. Send one (T) and read it."),
    [E_STAFF_FULL] =
	N_("There are %{limit} staff addresses already. Remove one first."),
    [E_STAFF_TWICE] = N_("%{address} is registered already."),
    [E_STAFF_MISSING] =
	N_("This address was removed from the staff meanwhile. Choose "
	   "again."),
    [E_STAFF_NAME] = N_("The name cannot be kept: %{why}. Correct it."),
    [E_TEST_STAFF] =
	N_("The test mail has no right receivers: %{why}. Mark one to "
	   "%{limit} of the staff."),
    [E_TEST_RECIPIENT] =
	N_("The campaign has no recipient number %{number}. Choose a list "
	   "with members, or another number."),
    [E_TEST_CLEARANCE] =
	N_("The test mail was not sent: %{why}. Send it again."),
    [E_APPROVAL_NEEDED] =
	N_("A second person must approve this campaign: %{why}."),
    [E_APPROVAL_WHO] = N_("%{login} cannot approve this: %{why}."),
    [E_APPROVAL_LATE] =
	N_("The approval by %{login} has expired. Ask for another one."),
    [E_APPROVAL_CHANGED] =
	N_("The approval does not fit what is sealed now: %{what}. Ask for "
	   "another one."),
    [E_APPROVAL_OPEN] = N_("This is still to be done: %{what}."),
    [E_APPROVAL_SIGNATURE] =
	N_("The signature is not that of the registered key of %{login}."),
    [E_APPROVAL_REASON] =
	N_("The words cannot be kept: %{why}. Type at least %{min} "
	   "characters."),
    [E_APPROVAL_REJECTED] = N_("%{login} has rejected this campaign."),
    [E_APPROVAL_CODE] =
	N_("This is not the code in the HTML part of a test mail of the last "
	   "24 hours. Tries left for this seal: %{left}."),
    [E_APPROVAL_LOCKED] =
	N_("%{login} has typed %{limit} wrong codes and cannot approve this "
	   "seal any more. Another approver can; or the operator opens the "
	   "seal, sends a new test mail and seals again."),
    [E_APPROVAL_STEPUP] =
	N_("The policy wants that %{login} signs in once more before signing: "
	   "%{why}. Ask for another approval."),
    [E_APPROVAL_DOSSIER] =
	N_("What came from the running Sekisho is not understood (line "
	   "%{line}). Use the program that was started."),
    [E_DRILL_NOTE] = N_("The note cannot be kept: %{why}. Correct it."),
    [E_DRILL_RESULT] =
	N_("The result of the drill is not understood (line %{line}); no "
	   "record was kept."),
    [E_RUN_STATE] = N_("The delivery is %{state}; this is not possible now."),
    [E_RUN_ACTIVE] =
	N_("The delivery of %{campaign} is running. Wait for its end, "
	   "or stop it first."),
    [E_RELAY_MISSING] =
	N_("There is no relay to send through. Add one in Setup."),
    [E_RELAY_FIELD] =
	N_("The relay's %{field} is not right: %{why}. Correct it in "
	   "Setup."),
    [E_RELAY_DEMO] = N_("This is a demo store: it reaches no relay but its own "
			"practice relay."),
    [E_LEDGER] =
	N_("The delivery record does not add up (%{what}). The delivery "
	   "was stopped; please report it."),
    [E_WITHHELD_CHANGED] =
	N_("Recipient %{seq} was withheld: the message is no longer the "
	   "one that was checked."),
    [E_WITHHELD_SUPPRESSED] =
	N_("Recipient %{seq} was withheld: the address is on the stop "
	   "list now."),
    [E_PRACTICE] =
	N_("The practice relay cannot start (%{what}): %{sys}. Close "
	   "other programs and try again."),
    [E_RUN_GUARD] = N_("%{class} (%{count} of the last %{window}; the last "
		       "reply: %{reply})"),
    [E_RUN_KILLED] =
	N_("The program ended before the relay had answered. Whether "
	   "this mail arrived is not known."),
    [E_RUN_RELAYS] =
	N_("All %{relays} relays are gone, %{relay} was the last one (%{why}). "
	   "Mend one of them, then go on."),
    [E_RUN_TLS_LOSS] =
	N_("%{relay} sent encrypted and then without TLS (%{clear} mails). It "
	   "is not used any more; ask its operator why."),
    [E_RUN_STALL] =
	N_("Nothing was answered for %{seconds} seconds, though mail is ready. "
	   "Look at the relays."),
    [E_SCHEDULE_TIME] = N_("It is not the time: %{what} (%{at}, not after "
			   "%{until})."),
    [E_SCHEDULE_HOST] = N_(
	"This is not the host on which the start was armed: %{what} differs. "
	"Nothing was sent. If it is, arm or launch it again."),
    [E_SCHEDULE_CLOCK] =
	N_("The clock was set by %{seconds} seconds since the start was armed. "
	   "Nothing was sent. Look at the clock, then launch again."),
    [E_SCHEDULE_SEAL] =
	N_("What was armed is not what is sealed now (%{what}). Nothing was "
	   "sent. Arm or launch it again."),
    [E_SCHEDULE_MISSING] = N_("Nothing is armed for this campaign."),
    [E_SCHEDULE_APPROVAL] =
	N_("The approval ends %{ends}, before the time of sending (%{at}). It "
	   "cannot be armed: have it approved again, later or for longer."),
    [E_RUN_PILOT] =
	N_("The pilot: %{found}. Accepted %{accepted}, "
	   "refused %{refused}, deferred %{deferred}, in doubt %{in_doubt}. "
	   "Nothing else leaves until somebody decides."),
    [E_RUN_WINDOW] =
	N_("Outside the hours for sending (%{hours}). It goes on by itself at "
	   "%{until}."),
    [E_RUN_DAY] =
	N_("What the warm-up allows for today is used up. It goes on by itself "
	   "at %{until}."),
    [E_WITHHELD_FREQUENCY] =
	N_("Withheld: as many advertisements as the settings allow were sent "
	   "to this recipient lately."),
    [E_WITHHELD_GONE] =
	N_("Recipient %{seq} was withheld: the contact was deleted, merged, "
	   "or given another address since the check."),
    [E_WITHHELD_LEFT] =
	N_("Recipient %{seq} was withheld: the contact is not on the list "
	   "any more."),
    [E_RUN_LIST] =
	N_("The list of this campaign was deleted. Bring it back from the "
	   "trash and go on, or stop the delivery."),
    [E_REPLY_RULE] =
	N_("The rule's %{field} is not right: %{why}. Correct it and "
	   "save again."),
    [E_REPORT_SUM] =
	N_("The figures do not add up (%{found} of %{total}). Do not "
	   "use this report; please report the defect."),
    [E_CORRECTION_EMPTY] =
	N_("Nobody of those chosen is still among your contacts with the "
	   "same address. No list was made."),
    [E_EVIDENCE_KIND] =
	N_("%{path} holds neither lines of a Postfix log nor delivery "
	   "reports. Choose the log of the relay that took the mails."),
    [E_PACK_FORM] = N_("%{path} is no evidence pack of Sekisho: %{why}."),
    [E_PACK_MEMBER] =
	N_("The evidence pack was changed: %{member}: %{why}. Ask for it "
	   "anew from where it was made."),
    [E_PACK_SIGNATURE] =
	N_("The signature over %{member} is not by the key in the pack. Ask "
	   "for the pack anew from where it was made."),
    [E_PACK_PURPOSE] =
	N_("A pack with personal data needs a purpose. Say in a few words "
	   "what it is for."),
    [E_LOG_FILTER] =
	N_("The filter is not understood at %{word}: %{why}. Words are looked "
	   "for everywhere; who: from: what: object: since: until: name a "
	   "column."),
    [E_OVERSIGHT] = N_("This review cannot be signed: %{why}."),
    [E_TERM_NONE] = N_("The full screen needs a terminal on standard input and "
		       "output. Start sekisho directly, not in a pipe."),
    [E_TERM_TYPE] =
	N_("The terminal type \"%{term}\" cannot place its cursor. Set "
	   "TERM to what your terminal is, for example xterm-256color."),
    [E_TERM_PROGRAM] =
	N_("The program %{path} failed (status %{status} %{sys}). "
	   "Nothing was taken over from it."),
    [E_EDITOR_MEMORY] =
	N_("Another editor needs a folder in memory for the text, so that "
	   "nothing of it stays on a disk, and there is none: set "
	   "XDG_RUNTIME_DIR to a folder of yours on a tmpfs. Nothing was "
	   "written."),
    [E_EDITOR_BYTES] =
	N_("Line %{line} of what came back from the editor is not UTF-8, or "
	   "holds a control character."),
    [E_THEME_MISSING] =
	N_("There is no theme called %{theme}. The look stays as it was."),
    [E_THEME_SYNTAX] =
	N_("%{path} line %{line}, column %{column}: %{why}. The look "
	   "stays as it was."),
};

const char *
err_pattern(enum err_code code)
{
	return (unsigned)code < ERR_CODE_COUNT ? patterns[code] : NULL;
}

static void
add_fact(const struct err *err, struct span name, struct buf *out)
{
	char wanted[ERR_NAME_MAX + 1] = "";
	const char *value, *phrase;

	if (name.len > ERR_NAME_MAX)
		return;
	memcpy(wanted, name.ptr, name.len);
	if (!strcmp(wanted, "sys")) {
		if (err->sys)
			buf_text(out, strerror(err->sys));
		return;
	}
	value = err_find(err, wanted);
	phrase = err_word(err->code, name, value);
	ui_text(out, span_of(phrase ? phrase : value));
}

void
err_text(const struct err *err, struct buf *out)
{
	const char *pattern = err_pattern(err->code);
	struct span rest, name;

	if (!pattern)
		pattern = patterns[E_BUG];
	rest = span_of(_(pattern));
	while (rest.len > 0) {
		size_t at = span_search(rest, SPAN("%{"));

		buf_add(out, span_slice(rest, 0, at));
		rest = span_slice(rest, at, rest.len);
		if (rest.len == 0)
			break;
		rest = span_slice(rest, 2, rest.len);
		name = span_cut(&rest, '}');
		add_fact(err, name, out);
	}
}
