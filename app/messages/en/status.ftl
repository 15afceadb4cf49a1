status-operational = operating
status-under-maintenance = under maintenance
status-unknown = affected, severity not recorded
status-degraded-performance = degraded performance
status-partial-outage = partial outage
status-major-outage = major outage
no-data = no data

standing-investigating = Investigating
standing-identified = Identified
standing-monitoring = Monitoring
standing-resolved = Resolved
standing-postmortem = Postmortem published
standing-scheduled = Scheduled
standing-in-progress = In progress
standing-verifying = Verifying
standing-completed = Completed

impact-none = no impact
impact-minor = minor impact
impact-major = major impact
impact-critical = critical impact

plane-control = control plane: manages resources
plane-data = data plane: carries the workload

kind-incident = incident
kind-maintenance = maintenance

# A status with its place.
status-in = { $status } in { $regions }
status-in-all = { $status } in all { $count } regions
status-in-some = { $status } in { $count } of { $total } regions
status-everywhere = { $status }, for all regions together
place-with-status = { $regions }: { $status }
place-operating = { $regions } { $status }
cell-sentence = { $service } in { $region }: { $status } since { $time }
status-since = { $status } since { $time }
scope-in = { $services } in { $regions }
scope-step = : { $from } → { $to }
scope-between = { "; " }
region-count =
    { $count ->
        [one] 1 region
       *[other] { $count } regions
    }
service-count =
    { $count ->
        [one] 1 service
       *[other] { $count } services
    }

# In place of a claim that is too old.
claim-unconfirmed = not confirmed
claim-unconfirmed-since = not confirmed since { $time }

list-further = { $before }, { $item }
list-last = { $before } and { $item }
