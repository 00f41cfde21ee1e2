# Where a member of a struct status is read or written. A name of that type counts to the end of its function.
FNR == 1 || /^}/ {names = ""}
match($0, /struct status [*]?[a-z_]+/) {
	name = substr($0, RSTART, RLENGTH)
	sub(/.*[ *]/, "", name)
	names = names "|" name
}
names && match($0, "(^|[^a-z_>.])(" substr(names, 2) ")(->|[.])") {print FILENAME ":" FNR ": " $0}
