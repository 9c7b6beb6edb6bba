// The meter's operator new and delete belong into each program that asserts with it.
#include "tests/unit/ingest/unpack/allocation_meter.cc"
