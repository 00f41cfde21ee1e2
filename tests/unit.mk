# Unit tests that stand between a module and what it calls: the linker leads these calls to __wrap_NAME of the test.
comma := ,
wrap = $(foreach f,$(1),-Wl$(comma)--wrap=$(f))
$(O)/tests/unit/test_nomem: LDFLAGS += $(call wrap,calloc malloc mmap)
$(O)/tests/unit/test_assess_nomem: LDFLAGS += $(call wrap,aligned_alloc calloc malloc)
$(O)/tests/unit/test_capability: LDFLAGS += $(call wrap,syscall)
$(O)/tests/unit/test_confine_landlock: LDFLAGS += $(call wrap,syscall)
$(O)/tests/unit/test_confine_user_probe: LDFLAGS += $(call wrap,munmap)
$(O)/tests/unit/test_io_posix: LDFLAGS += $(call wrap,fdopendir readdir closedir)
$(O)/tests/unit/test_trim: LDFLAGS += $(call wrap,dl_iterate_phdr)
$(O)/tests/unit/test_thread: LDFLAGS += $(call wrap,pthread_create)
$(O)/tests/unit/test_refresh: LDFLAGS += $(call wrap,drbg_generate drbg_self_test)
$(O)/tests/unit/test_wipe: LDFLAGS += $(call wrap,munmap)
$(O)/tests/unit/test_seed_openssl: LDFLAGS += $(call wrap,OSSL_LIB_CTX_new OSSL_PROVIDER_load \
  OSSL_PROVIDER_add_builtin EVP_RAND_fetch EVP_RAND_CTX_new EVP_RAND_CTX_set_params EVP_RAND_get_strength \
  EVP_RAND_instantiate EVP_RAND_reseed EVP_RAND_generate EVP_MD_fetch EVP_MD_CTX_new EVP_DigestInit_ex2 \
  EVP_DigestUpdate EVP_DigestFinal_ex)
$(O)/tests/unit/test_source_kernel: LDFLAGS += $(call wrap,getrandom)
$(O)/tests/unit/test_worker: LDFLAGS += $(call wrap,drbg_instantiate)
$(O)/tests/unit/test_seed_selftest: LDFLAGS += $(call wrap,drbg_new drbg_free pool_new pool_free drbg_instantiate \
  drbg_reseed drbg_generate drbg_is_ready)
$(O)/tests/unit/test_reader: LDFLAGS += $(call wrap,log_limited)
$(O)/tests/unit/test_mount: LDFLAGS += $(call wrap,statx)
# What the length of bzip2's output is compared with.
$(O)/tests/unit/test_assess_compressed: LIBS += -lbz2
