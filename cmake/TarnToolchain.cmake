# How every target of ours is compiled and linked.

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  message(FATAL_ERROR
    "GCC ${CMAKE_CXX_COMPILER_VERSION} destroys temporaries twice around co_await (double free, no warning). "
    "Use Clang 19: cmake --preset release, or -DCMAKE_CXX_COMPILER=clang++-19.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# Line tables are what a backtrace needs; full debug information triples link time and disk.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")

set(TARN_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined or thread")
if(TARN_SANITIZE)
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
  add_compile_options(-fsanitize=${TARN_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TARN_SANITIZE})
endif()
if(TARN_FUZZ)
  # Coverage for libFuzzer to steer by; the fuzzers themselves link its main.
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

# Installed programs find the Arrow that was shipped with them.
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/tarn")

find_program(TARN_CCACHE ccache)
if(TARN_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${TARN_CCACHE}")
endif()

find_program(TARN_MOLD mold)
if(TARN_MOLD AND NOT TARN_SANITIZE)
  add_link_options(-fuse-ld=mold)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  find_program(TARN_LLD NAMES ld.lld-19 ld.lld)
  if(TARN_LLD)
    add_link_options(-fuse-ld=lld)
  endif()
endif()

# The programs allocate many small pieces on one thread and free them on another. jemalloc instead of glibc's malloc
# takes a third off a register's CPU time, and a fifth off the memory of a rehydrated catalog. Sanitizers bring their own.
option(TARN_JEMALLOC "Link the programs with jemalloc" ON)
add_library(tarn_allocator INTERFACE)
if(TARN_JEMALLOC AND NOT TARN_SANITIZE)
  find_library(TARN_JEMALLOC_LIBRARY jemalloc REQUIRED)
  target_link_libraries(tarn_allocator INTERFACE "${TARN_JEMALLOC_LIBRARY}")
endif()

add_library(tarn_flags INTERFACE)
target_compile_options(tarn_flags INTERFACE -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Wnon-virtual-dtor -Werror)
target_include_directories(tarn_flags INTERFACE "${PROJECT_SOURCE_DIR}/src")
target_compile_definitions(tarn_flags INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_BEAST_SEPARATE_COMPILATION)

# The sources of Asio and Beast compile once, in libraries of their own (async and http link them).
add_library(tarn_asio INTERFACE)
target_compile_definitions(tarn_asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
