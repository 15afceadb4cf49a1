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
console-refused = This was not published yet
role-poster = poster
role-editor = editor
role-administrator = administrator

console-none-open = No incident is open. What is reported will be listed here.
console-none-planned = No maintenance is planned or running.
console-due = next update due in { $length } ({ $time })
console-overdue = update overdue by { $length } (it was due at { $time })
console-conflict = Two regions posted apart from each other. Open it to decide.
console-conflict-settle = Two regions posted apart from each other, and the page shows the more careful of both accounts. The next update that you post decides.
console-cluster = This cluster
console-from-here =
    { $count ->
        [one] You are working in { $region }, the only region.
       *[other] You are working in { $region }, one of { $count } regions.
    }
console-silent = Not heard lately: { $regions }. What is posted there may be missing here.
console-problems =
    { $count ->
        [one] One event is kept and not shown: holdfast events list says why.
       *[other] { $count } events are kept and not shown: holdfast events list says why.
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
