# The operators' console.
console = Console
console-pages = Pages of the console
console-overview = Overview
console-report = Report an incident
console-public-page = Public page
console-public-view = As readers see it
console-sign-in = Sign in
console-sign-out = Sign out
console-login = Name or address you sign in with
console-login-note = a-z, 0-9 and . - _ + @, in lower case. An address of mail will do.
console-name = Your name
console-name-note = The audit trail calls you by it.
console-password = Password
console-password-note = 15 characters or more. A few words that do not belong together are easy to keep.
console-sign-in-lost = Lost your password? An administrator can send you a new link.
console-choose-password = Choose a password for { $login }
console-first = Make the first administrator
console-begin = Begin
console-refused = Nothing was changed
role-poster = poster
role-editor = editor
role-administrator = administrator

console-none-open = No incident is open. What is reported will be listed here.
console-none-planned = No maintenance is planned or running.
console-due = next update due in { $length } ({ $time })
console-overdue = update overdue by { $length } (it was due at { $time })
console-conflict = Two regions posted apart from each other. Open it to decide.
console-conflict-settle = Two regions posted apart from each other, and the page shows the more careful of both accounts. The next update that you post decides.
console-unsettled = Ended, and told differently by two regions
console-cluster = This cluster
console-from-here =
    { $count ->
        [one] You are working in { $region }, the only region.
       *[other] You are working in { $region }, one of { $count } regions.
    }
console-silent = Not heard lately: { $regions }. What is posted there may be missing here.
console-problems =
    { $count ->
        [one] One event is kept and not shown.
       *[other] { $count } events are kept and not shown.
    }
console-look-into =
    { $count ->
        [one] One thing is to be looked into.
       *[other] { $count } things are to be looked into.
    }

console-title = Title
console-title-note = What readers notice, in one line: "Cloud API is failing in Shanghai".
console-status = Status
console-status-same = Unchanged
console-impact = Impact
console-text = What is known
console-text-note = Markdown. Readers see it as the review shows it.
console-post-update = Post an update
console-from = Begins ({ $zone })
console-until = Ends ({ $zone })
console-scope = What is affected
console-scope-note = Choose a status for a service in all its regions, or open it and choose region by region. What you leave stays as it is.
console-scope-others = Other services
console-unchanged = Unchanged
console-not-known = Not known
console-as-row = As in all regions
console-by-region = Region by region
console-in-all-regions = { $service } in all its regions
console-recoveries = What has recovered? One press takes it into this update.
console-recovered = { $place } is back
console-cell-by-cell = Service by service
console-next = Next update due
console-next-none = Not promised
console-next-at = Next update due at ({ $zone })
console-recovery = Recovery expected
console-recovery-at = Recovery expected at ({ $zone })
console-in = in { $length }
console-withdrawn = No longer expected then
console-exact-times = Exact times
console-root-cause = State the root cause
console-review = Review
console-review-title = Review before publishing
console-will-change = What will change
console-headline-same = The first sentence stays: { $headline }
console-headline-now = The page says now
console-headline-then = It will say
console-no-scope = No service is named. Readers will not see which one is affected.
console-past = Ended
console-past-none = Nothing has ended yet. It will be listed here, newest first, for postmortems and corrections.
console-past-both = All
console-past-incidents = Incidents
console-past-newest = Newest
console-past-older = Older
console-live-away = The server does not answer, so this may be older than what you typed. What you typed stays, and is asked about again.
console-live-over = You are not signed in any more, or as somebody else. Sign in again before you send this; what you typed stays here until you leave the page.
console-since = What changed since you opened this form
console-since-step = { $before } → { $now }
console-since-none = none
console-since-postmortem = A postmortem was published.
console-preview = As readers will see it
console-publish = Publish
console-edit-more = Go on writing
console-saved =
    { $of ->
        [one] Published. It is saved in the only region.
       *[other] Published. It is saved in { $count } of { $of } regions so far; load this page again to see more.
    }
console-saved-everywhere =
    { $of ->
        [one] Published and saved.
       *[other] Published and saved in all { $of } regions.
    }

console-plan-maintenance = Plan a maintenance
console-operators = Operators
console-operator-add = Add an operator
console-operator-invite = Add and make a link
console-operator-out = out
console-operator-invited = invited, no password yet
console-operator-link = New link for a password
console-operator-let-out = Let out
console-operator-let-back = Let back in
console-invitation-shown = Send this link to them. Whoever opens it chooses the password, once. It is shown only now.
console-name-theirs = Their name, for the audit trail
console-role = Role
console-role-set = Change role
console-role-note = A poster reports incidents and posts updates. An editor also changes what was posted, maintenances and the catalog. An administrator also decides who may do what.
console-until-then = until { $time }
console-tokens = Tokens
console-tokens-none = There is none. Programs that post over the API will be listed here.
console-token-add = Make a token
console-token-name = Which program will use it
console-token-make = Make the token
console-token-shown = This is the token. It is shown only now.
console-token-over = over
console-token-revoke = Revoke
console-expires = Expires
console-never = never expires

console-peers = Regions
console-alone = This node stands alone: no other region is configured.
console-link = Link
console-link-opened = opened here
console-link-accepted = opened there
console-link-down = down
console-link-diverged = diverged
console-as-of = All its news as of
console-never-heard = not heard since this node started
console-events = Events
console-events-here = This node holds { $count } events.
console-clock = Clock offset
console-round-trip = Round trip
console-version = Version
console-mirrors = Copies elsewhere
console-mirror = Copy
console-mirror-state = State
console-mirror-waiting = not written yet
console-mirror-updating = being written
console-mirror-complete = up to date
console-mirror-standing-by = standing by
console-mirror-failing = failing
console-mirror-written-by = { $node } writes it
console-mirror-writer-removed = written by { $node }, which was removed: holdfast mirrors take { $mirror }
console-mirror-since = since
console-mirror-succeeded = Last written
console-mirror-board = { $count } of { $all }
console-mirror-files = Files
console-problems-title = Kept and not shown
console-problems-more = { $count } more are not listed here: holdfast events list has all.
console-problems-none = Every event is part of what the page shows.

console-audit = Audit trail
console-audit-none = Nothing was found.
console-when = When
console-who = Who
console-what = What
console-event = Event
console-every-kind = Everything
console-search = Search
console-search-note = A name, a way in, a region, or what it was about.
console-search-go = Search
console-older = Older
console-export-csv = Export as CSV
console-export-json = Export as JSON

console-catalog = Catalog
console-catalog-file = Regions, groups and services, as a TOML file
console-catalog-note = What is not in the file will be removed from the page. Nothing changes before you have seen the plan.
console-plan = What applying it will change
console-plan-nothing = Nothing differs from the catalog that there is.
console-plan-show = Show what would change
console-apply = Apply

console-templates = Templates
console-templates-none = There is none. Texts that you keep here can begin an update.
console-template = Begin with a template
console-template-use = Take it in
console-template-write = Write a template
console-template-name = Its name
console-template-name-note = A template of the same name is replaced.
console-template-text = The text
console-any = Any
console-keep-it = Keep it
console-remove = Remove
console-edit-incident = Change title or impact
console-edit-maintenance = Change title, impact or times
console-edit-update = Change an update's text
console-postmortem = Write the postmortem
console-back = Back
console-by-service = Service by service
console-group = Everything in { $group }
console-keep = leave as it is
console-all-but = All regions but some
console-all-but-note = The regions that you mark stay as they are, unless you choose one of their services by itself.
console-propose = Add what depends on these
console-proposed = Added, because it depends on what is chosen: { $services }. Look at each below; nothing is published yet.
console-proposed-none = Nothing was added: nothing else depends on what is chosen, or it has a choice of its own already.
console-proposed-first = Nothing was added: choose first which services are in trouble.
console-proposed-data = Data plane: { $sentence }
console-more = More
console-scope-choose = Choose services and regions
console-plane-control = control plane
console-plane-data = data plane
console-here-only = Held by this region only so far: what was posted at { $times }. It would be lost with this machine's disk.
console-alarming = To be looked into
console-restored = What you had written before this page was loaded is back.
console-forget = Begin anew
console-kept = You are signed in again
console-kept-note = What you typed when your session ended is kept. Nothing was done with it yet.
console-kept-go-on = Go on with it
console-login-theirs = Name or address they sign in with
console-other-languages = In other languages: { $languages }
console-other-languages-note = Readers of a language that is left empty see the first text.
console-in-language = { $field } ({ $language })
console-untranslated = Readers in { $languages } will see a text here that is not in their language.
console-name-of-it = Name
console-line = line{" "}
console-column = column{" "}
event-page-set = page set
event-region-set = region set
event-region-removed = region removed
event-group-set = group set
event-group-removed = group removed
event-component-set = component set
event-component-removed = component removed
event-incident-opened = incident opened
event-update-posted = update posted
event-incident-edited = incident edited
event-update-edited = update edited
event-postmortem-published = postmortem published
event-template-set = template set
event-template-removed = template removed
event-token-created = token created
event-token-revoked = token revoked
event-operator-set = operator set
event-operator-invited = operator invited
event-password-set = password set
event-sessions-ended = sessions ended
event-second-factor-set = second factor set
event-second-factor-removed = second factor removed
event-recovery-spent = recovery spent
event-break-glass-issued = break glass issued
event-break-glass-spent = break glass spent
event-break-glass-revoked = break glass revoked
event-passkey-added = passkey added
event-passkey-removed = passkey removed
event-node-trusted = node trusted
event-node-removed = node removed
event-mirror-taken = mirror taken
event-redacted = redacted
