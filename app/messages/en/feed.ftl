# What feeds, badges and the status document say beside the words of the page.
feed-scheduled-from = Planned from:
feed-scheduled-until = Planned until:
feed-root-cause = Root cause
feed-expected-recovery = Expected recovery:
feed-next-update = Next update due:
badge-not-confirmed = not confirmed
status-document-unconfirmed = No trouble is known, but nothing has been confirmed for too long to say that services are operating.
