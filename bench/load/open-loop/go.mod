module sidetrack.dev/bench/open-loop

go 1.19
