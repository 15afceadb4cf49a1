region-title = { $region }：{ $sentence }
region-operating = { $region }的所有服务运行正常。
region-services = { $region }的服务
region-empty = 此地域尚无服务。
