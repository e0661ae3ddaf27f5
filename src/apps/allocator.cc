// Read by jemalloc before main, where the programs are linked with it (TarnToolchain.cmake).
extern "C" {

// Memory that a burst left behind goes back to the system without waiting for another allocation.
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true";
}
