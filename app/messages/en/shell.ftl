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
freshness-board = board { $version }
freshness-origin = from { $origin }
freshness-until = After { $time } treat this as out of date.
freshness-stale = This copy is out of date. Load the page again for the present.

history = History
support = Help and contact
data-own = Status as JSON
data-v2 = Statuspage API v2
calendar = iCalendar
zone-note = Times are in { $zone } ({ $name }), or in your own zone where your browser tells it. Days of uptime and months are counted in UTC.
