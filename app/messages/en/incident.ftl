incident-title = { $title } ({ $status })
timeline = Timeline
update-further = Update
promised-recovery = Recovery expected about { $time }
promised-update = Next update by { $time }
edited-at = Edited { $time }
edited-before = Before the edit it said:
redacted = Removed by the operators.

root-cause = Root cause
postmortem = Postmortem
published-at = Published { $time }

recovery = Recovery, part by part
recovery-maintenance = What was affected, and when
recovery-as-table = The same as a table
scope-title = Services named
severity-not-recorded = Of some services the record says that they were affected, but not how badly.
strip-recovered = back { $time }, after { $length }
strip-lasts = still affected
strip-now = now
table-what = What
table-from = Affected from
table-until = Back
table-length = Length
table-worst = Worst status

ended = This incident has ended.
ended-recovered = Everything that was affected was back after { $length }.
conflict = Two regions posted apart from each other. Both accounts are in the timeline; the more cautious status is shown until an operator who has seen both confirms what holds.
conflict-short = Two regions posted apart from each other; the more cautious status is shown until it is confirmed.
conflict-account = One of the accounts posted apart

manners = How we handled it
manners-recovered = Until everything was back
manners-length = Until it was closed
manners-peak = Most affected at once
manners-updates = Updates
manners-mean = Mean time between updates
manners-longest = Longest time between updates

source = Source
imported-from = Imported from { $source }. What that record lacks is not added here.
