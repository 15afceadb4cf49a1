# The page's first sentence. A statement has no full stop: "sentence" and "and-more" close it.
headline-nothing = Nothing is set up here yet.
headline-operating = All services are operating.
headline-maintenances =
    { $count ->
        [one] No incident is open. One maintenance is running.
       *[other] No incident is open. { $count } maintenances are running.
    }
headline-sentence = { $statement }.
headline-and-more =
    { $count ->
        [one] { $statement }, and one more incident is open.
       *[other] { $statement }, and { $count } more incidents are open.
    }
headline-recovered =
    { $recovered ->
        [one] 1 of { $total } regions has recovered.
       *[other] { $recovered } of { $total } regions have recovered.
    }
headline-every-region-recovered =
    { $total ->
        [one] The region has recovered.
       *[other] All { $total } regions have recovered.
    }
headline-all-recovered = Everything that was affected has recovered and is being watched
headline-investigating = We are investigating: { $title }
headline-identified = The cause is known and being worked on: { $title }
headline-monitoring = A fix is in place and being watched: { $title }

headline-subject-many =
    { $others ->
        [one] { $name } and one more service
       *[other] { $name } and { $others } services
    }
headline-is-operational =
    { $count ->
        [one] { $subject } is operating{ $place }
       *[other] { $subject } are operating{ $place }
    }
headline-is-under-maintenance =
    { $count ->
        [one] { $subject } is under maintenance{ $place }
       *[other] { $subject } are under maintenance{ $place }
    }
headline-is-unknown =
    { $count ->
        [one] { $subject } is affected{ $place }
       *[other] { $subject } are affected{ $place }
    }
headline-is-degraded-performance =
    { $count ->
        [one] { $subject } has degraded performance{ $place }
       *[other] { $subject } have degraded performance{ $place }
    }
headline-is-partial-outage =
    { $count ->
        [one] { $subject } is partly down{ $place }
       *[other] { $subject } are partly down{ $place }
    }
headline-is-major-outage =
    { $count ->
        [one] { $subject } is down{ $place }
       *[other] { $subject } are down{ $place }
    }
place-in = in { $place }
place-all-regions = all { $count } regions
place-count = { $count } of { $total } regions

headline-unaffected =
    { $count ->
        [one] { $services } is not affected.
       *[other] { $services } are not affected.
    }
headline-more-services =
    { $count ->
        [one] one more service
       *[other] { $count } more services
    }

# In place of a claim that is too old.
headline-unconfirmed = How the services are doing is not confirmed.
headline-unconfirmed-since = How the services are doing has not been confirmed since { $time }.
unaffected-not-confirmed = The services that no incident names: not confirmed.
unaffected-unconfirmed = The services that no incident names: { $since }.

# Facts below the sentence.
fact-next-update = Next update by { $time }
fact-overdue = The update promised for { $time } is overdue
fact-expected = Recovery expected about { $time }
fact-expected-past = Recovery was expected about { $time }
fact-started = Started { $time }
fact-recovered = Everything back { $time }
fact-ended = Closed { $time }
