region-title = { $region }: { $sentence }
region-operating = All services in { $region } are operating.
region-services = Services in { $region }
region-empty = No service runs in this region yet.
