# auto takes the CPU or the kernel where the device is missing, and says which and why.
. "$TESTS/system/lib.sh"
expect 0 -d /nonexistent/hwrng -l none out.txt 100
int32_file out.txt 100
says 'fallback was taken.*kind=(cpu|kernel).*nonexistent'
expect 0 -s kernel -l none out.txt 100
int32_file out.txt 100
