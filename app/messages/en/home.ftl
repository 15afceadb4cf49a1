open-incidents = Open incidents
all-updates =
    { $count ->
        [one] Open the incident
       *[other] All { $count } updates
    }
services = Services by region
service = Service
matrix-name = Table of services and regions
not-offered = not offered
maintenances = Maintenances

uptime = The last 90 days
uptime-definition-title = How the percentage is made
uptime-definition = Uptime = 1 − (time in major outage + 0.3 × time in partial outage) ÷ time with data, over 90 days of UTC. Degraded performance and maintenance count as up. Time without data counts for nothing, and such days are drawn hollow. The figure of a service is the mean of its regions, rounded down.
percent = { $number }%
days-with =
    { $count ->
        [one] { $status } on 1 day
       *[other] { $status } on { $count } days
    }

past-incidents = Past incidents
incidents-all = Incidents and maintenances
past-days = The last { $days } days
past-none = No incidents in the last { $days } days. They would be listed here by day.
past-none-ever = No incidents so far. They will be listed here, newest first.
past-last = The last one was:
all-history = The whole history
no-incidents-day = { $day }: no incidents
no-incidents-days = { $first } to { $last }: no incidents

first-steps = First steps
first-steps-catalog = This page shows services as soon as a catalog names them. Write a catalog file, look at what it would change, then apply it:
first-steps-incident = After that, holdfast incident open publishes the first incident, and it shows here at once.
