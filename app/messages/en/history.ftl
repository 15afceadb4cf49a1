history-title = Incidents and maintenances in { $month }
history-description = Every incident and maintenance, by month.
history-empty = Nothing has been recorded yet. Incidents and maintenances will be listed here by month.
by-day = By day
months = All months
months-in-utc = Months are counted in UTC.
entry-count =
    { $count ->
        [one] 1 entry
       *[other] { $count } entries
    }
