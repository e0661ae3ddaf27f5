# tarn_module(NAME [DEPENDS module...] [LINKS library...] [TEST_DEPENDS module...] [TEST_LABELS label...])
#
# A folder is a module: every x.cc in it becomes the library tarn_NAME; every x_test.cc the program tarn_NAME_test
# (so no test can be forgotten); every x_fuzz.cc a libFuzzer program; every x_bench.cc the program tarn_NAME_bench.
#   DEPENDS       modules whose headers this one includes: the arrows of docs/architecture.md
#   LINKS         third-party libraries; private, since their types stop at .cc files
#   TEST_DEPENDS  further modules that only the tests use
#   TEST_LABELS   ctest labels of all its tests; `tsan` puts them into the ThreadSanitizer run
function(tarn_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS;LINKS;TEST_DEPENDS;TEST_LABELS")
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
  set(tests ${sources})
  set(fuzzers ${sources})
  set(benches ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cc$")
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
    include(GoogleTest)
    gtest_discover_tests(tarn_${name}_test TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS "unit;${arg_TEST_LABELS}" TIMEOUT 120)
  endif()

  if(TARN_FUZZ)
    foreach(source ${fuzzers})
      get_filename_component(stem "${source}" NAME_WE)
      add_executable(tarn_${stem} "${source}")
      target_link_libraries(tarn_${stem} PRIVATE tarn_${name} tarn_flags ${arg_LINKS})
      target_link_options(tarn_${stem} PRIVATE -fsanitize=fuzzer)
      set_property(GLOBAL APPEND PROPERTY TARN_FUZZERS tarn_${stem})
    endforeach()
  endif()

  if(TARN_BENCH AND benches)
    add_executable(tarn_${name}_bench ${benches})
    target_link_libraries(tarn_${name}_bench PRIVATE tarn_${name} ${arg_LINKS} tarn_flags benchmark::benchmark_main)
  endif()
endfunction()

# tarn_program(NAME SOURCES file... [DEPENDS module...] [LINKS library...]): a thin main, installed to bin/.
function(tarn_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;LINKS")
  set(depends ${arg_DEPENDS})
  list(TRANSFORM depends PREPEND tarn_)
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  target_link_libraries(${name} PRIVATE ${depends} ${arg_LINKS} tarn_flags)
  install(TARGETS ${name} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endfunction()
