# tarn_module(NAME [DEPENDS module...] [LINKS library...] [TEST_DEPENDS module...] [TEST_LABELS label...])
#
# A folder is a module: every x.cc in it becomes the library tarn_NAME; every x_test.cc the program tarn_NAME_test
# (so no test can be forgotten); every x_fuzz.cc the libFuzzer program fuzz/x_fuzz, whose seeds are committed in
# corpus/x_fuzz/ and replayed as a unit test; every x_bench.cc the program tarn_NAME_bench.
#   DEPENDS       modules whose headers this one includes: the arrows of docs/architecture.md
#   LINKS         third-party libraries; private, since their types stop at .cc files
#   TEST_DEPENDS  further modules that only the tests use
#   TEST_LABELS   ctest labels of all its tests; `tsan` puts them into the ThreadSanitizer run
# What ./dev builds for one purpose: the unit tests, those of them that run under ThreadSanitizer, the fuzzers, and the
# generated sources (which clang-tidy needs before it can parse what includes them).
foreach(target tarn_unit_tests tarn_tsan_tests tarn_fuzzers tarn_generated)
  add_custom_target(${target})
endforeach()

function(tarn_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS;LINKS;TEST_DEPENDS;TEST_LABELS")
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
  set(tests ${sources})
  set(fuzzers ${sources})
  set(benches ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_(test|fuzz|bench)|/main)\\.cc$")
  set(depends ${arg_DEPENDS})
  list(TRANSFORM depends PREPEND tarn_)

  add_library(tarn_${name} STATIC ${sources})
  target_link_libraries(tarn_${name} PUBLIC ${depends} PRIVATE tarn_flags ${arg_LINKS})

  if(TARN_TESTS AND tests)
    set(test_depends ${arg_TEST_DEPENDS})
    list(TRANSFORM test_depends PREPEND tarn_)
    add_executable(tarn_${name}_test ${tests})
    target_link_libraries(tarn_${name}_test PRIVATE
      tarn_${name} ${test_depends} ${arg_LINKS} tarn_flags GTest::gmock GTest::gtest_main)
    # One label, since gtest_discover_tests takes the second word of a list for the next property (CMake 3.25). Labels
    # are selected by regular expression: `ctest -L tsan` finds it.
    string(JOIN "+" label unit ${arg_TEST_LABELS})
    include(GoogleTest)
    gtest_discover_tests(tarn_${name}_test TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS "${label}" TIMEOUT 120)
    add_dependencies(tarn_unit_tests tarn_${name}_test)
    if("tsan" IN_LIST arg_TEST_LABELS)
      add_dependencies(tarn_tsan_tests tarn_${name}_test)
    endif()
  endif()

  if(TARN_FUZZ)
    foreach(source ${fuzzers})
      get_filename_component(stem "${source}" NAME_WE)
      add_executable(${stem} "${source}")
      set_target_properties(${stem} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz")
      target_link_libraries(${stem} PRIVATE tarn_${name} ${arg_LINKS} tarn_flags)
      target_link_options(${stem} PRIVATE -fsanitize=fuzzer)
      add_dependencies(tarn_fuzzers ${stem})
      add_dependencies(tarn_unit_tests ${stem})
      add_test(NAME ${name}.corpus.${stem} COMMAND ${stem} -runs=0 "${CMAKE_CURRENT_SOURCE_DIR}/corpus/${stem}")
      set_tests_properties(${name}.corpus.${stem} PROPERTIES LABELS unit TIMEOUT 120)
    endforeach()
  endif()

  if(TARN_BENCH AND benches)
    add_executable(tarn_${name}_bench ${benches})
    target_link_libraries(tarn_${name}_bench PRIVATE tarn_${name} ${arg_LINKS} tarn_flags benchmark::benchmark_main)
  endif()
endfunction()

# tarn_program(NAME SOURCES file... [DEPENDS module...] [LINKS library...] [NO_INSTALL]): a thin main, installed to bin/
# unless only the tests or benchmarks run it.
function(tarn_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NO_INSTALL" "" "SOURCES;DEPENDS;LINKS")
  set(depends ${arg_DEPENDS})
  list(TRANSFORM depends PREPEND tarn_)
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  # First, so that its malloc is found before any other.
  target_link_libraries(${name} PRIVATE tarn_allocator ${depends} ${arg_LINKS} tarn_flags)
  if(NOT arg_NO_INSTALL)
    install(TARGETS ${name} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  endif()
endfunction()
