not-found = There is no such page
not-found-why = The address may be mistyped, or what it names was never published here.
not-found-home = To the present status
not-found-history = To the history
