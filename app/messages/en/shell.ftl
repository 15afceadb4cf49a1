page-title = { $title } · { $site }
skip = Skip to content
tools = Page tools
choose-region = Choose a region
all-regions = All regions
my-region = My region
subscribe = Subscribe
theme = Colours
theme-system = System colours
theme-light = Light
theme-dark = Dark

freshness-fresh = Up to date as of { $time }
freshness-amber = Last confirmed { $time }, trying again
freshness-grey = Not confirmed since { $time }
freshness-never = Not confirmed yet
freshness-board = board { $version }
freshness-origin = from { $origin }
freshness-until = After { $time } treat this as out of date.
over = This is over and changes no more by itself. What holds now, and as of when, stands on the { $page }.
over-list = This page lists what has happened. What holds now, and as of when, stands on the { $page }.
over-page = status page
freshness-stale = This copy is out of date. Load the page again for the present.

# In place of a page whose address does not answer.
copied-lent = The address that you opened does not answer. This is a copy from { $name }, confirmed { $time }.
copied-kept = Neither the address that you opened nor any copy of it answers. This is what your browser kept, confirmed { $time }.

# What this server has not heard. A silent server says nothing about the services of its region.
silent-one = The status server in { $region } has not been heard from since { $time }. Updates posted there may be missing here.
silent-one-ever = The status server in { $region } has not been heard from since this one started. Updates posted there may be missing here.
silent-many = { $count } other status servers have not been heard from: { $regions }. Updates posted there may be missing here.
silent-since = { $region } since { $time }
silent-ever = { $region } since this one started
silent-between = { "; " }
cut-off =
    { $count ->
        [one] Cut off from the other region, { $region }; last heard from it at { $time }.
       *[other] Cut off from the other regions; last heard from { $region } at { $time }.
    }
cut-off-ever =
    { $count ->
        [one] Cut off from the other region since this server started.
       *[other] Cut off from the other regions since this server started.
    }
newer-exists = Newer information exists that this server cannot read yet; other regions may show it.

history = History
support = Help and contact
data-own = Status as JSON
data-v2 = Statuspage API v2
calendar = iCalendar
zone-note = Times are those of { $name }, or of your own zone where your browser tells it. Days of uptime and months are counted in UTC.
