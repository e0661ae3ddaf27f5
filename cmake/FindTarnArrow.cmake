# Arrow and Parquet C++ as the target TarnArrow::parquet.
#
# A system package with a CMake config wins. Otherwise the pyarrow wheel that `./dev deps` put into .deps/python is
# used: it carries libarrow and libparquet with their headers, but no CMake config.
# Hints: TARN_PYARROW_DIR, the folder that holds pyarrow's include/ and libarrow.so.*.

find_package(Arrow 26 CONFIG QUIET)
find_package(Parquet 26 CONFIG QUIET)
if(Arrow_FOUND AND Parquet_FOUND AND NOT TARGET TarnArrow::parquet)
  add_library(TarnArrow::parquet INTERFACE IMPORTED)
  target_link_libraries(TarnArrow::parquet INTERFACE Arrow::arrow_shared Parquet::parquet_shared)
endif()

if(NOT TARGET TarnArrow::parquet)
  file(GLOB candidates "${PROJECT_SOURCE_DIR}/.deps/python/lib/python3*/site-packages/pyarrow")
  find_path(TARN_PYARROW_DIR NAMES include/arrow/api.h HINTS ${candidates} NO_DEFAULT_PATH)
  if(TARN_PYARROW_DIR)
    file(GLOB arrow_library "${TARN_PYARROW_DIR}/libarrow.so.*")
    file(GLOB parquet_library "${TARN_PYARROW_DIR}/libparquet.so.*")
    # libarrow needs these beside it at run time.
    file(GLOB TARN_ARROW_RUNTIME "${TARN_PYARROW_DIR}/libarrow.so.*" "${TARN_PYARROW_DIR}/libparquet.so.*")
    add_library(TarnArrow::arrow SHARED IMPORTED)
    set_target_properties(TarnArrow::arrow PROPERTIES IMPORTED_LOCATION "${arrow_library}")
    target_include_directories(TarnArrow::arrow SYSTEM INTERFACE "${TARN_PYARROW_DIR}/include")
    add_library(TarnArrow::parquet SHARED IMPORTED)
    set_target_properties(TarnArrow::parquet PROPERTIES IMPORTED_LOCATION "${parquet_library}")
    target_include_directories(TarnArrow::parquet SYSTEM INTERFACE "${TARN_PYARROW_DIR}/include")
    target_link_libraries(TarnArrow::parquet INTERFACE TarnArrow::arrow)
    # The wheel's libparquet exports the OpenSSL that was linked into it. The first library to define a symbol wins, so
    # the system's comes first, before all objects: libssl and we must not run on a mixture of the two.
    find_package(OpenSSL 3.0 REQUIRED)
    target_link_options(TarnArrow::parquet INTERFACE "$<TARGET_FILE:OpenSSL::Crypto>")
    install(FILES ${TARN_ARROW_RUNTIME} DESTINATION "${CMAKE_INSTALL_LIBDIR}/tarn")
  endif()
endif()

include(FindPackageHandleStandardArgs)
if(TARGET TarnArrow::parquet)
  set(TARN_ARROW_TARGET TarnArrow::parquet)
endif()
find_package_handle_standard_args(TarnArrow REQUIRED_VARS TARN_ARROW_TARGET
  REASON_FAILURE_MESSAGE "Neither a system Arrow/Parquet CMake package nor pyarrow in .deps/python was found: run ./dev deps")
