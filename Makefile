# libqcos: `make demo` shows it, `make test` proves it, `make help` lists the rest.

CARGO ?= cargo
CC ?= cc
CXX ?= c++
WARNINGS = -Wall -Wextra -Wpedantic -Werror -O2
C_FLAGS = -std=c99 $(WARNINGS)
CXX_FLAGS = -std=c++17 $(WARNINGS)
LINK = -L$(RELEASE) -lqcos -pthread -Wl,-rpath,'$(HERE)/../release'

# CARGO_BUILD_TARGET, which cargo reads, too, is another platform than this machine's.
RELEASE ?= $(or $(CARGO_TARGET_DIR),target)/$(if $(CARGO_BUILD_TARGET),$(CARGO_BUILD_TARGET)/)release
SYSTEM ?= $(if $(findstring -apple-,$(CARGO_BUILD_TARGET)),Darwin,$(shell uname -s))
EXAMPLES = $(patsubst examples-c/%.c,target/examples-c/%,$(wildcard examples-c/*.c))
CPP_EXAMPLES = $(patsubst examples-cpp/%.cpp,target/examples-cpp/%,$(wildcard examples-cpp/*.cpp))

# Where `make install` puts things; DESTDIR is in front of all of them.
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
CMAKEDIR ?= $(LIBDIR)/cmake/qcos
DOCDIR ?= $(PREFIX)/share/doc/libqcos

VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
SOVERSION = $(firstword $(subst ., ,$(VERSION)))
# What a program needs beside libqcos.a, but for what every C compiler adds by itself.
NATIVE_LIBS = -lutil -lrt -lpthread -lm -ldl
NATIVE_LIBS_DARWIN = -framework Security -framework CoreFoundation -liconv -lm
# The names of the shared library: as it is built, with the number that programs look for, and of this version.
ifeq ($(SYSTEM),Darwin)
HERE = @loader_path
SHARED = libqcos.dylib
SONAME = libqcos.$(SOVERSION).dylib
SHARED_FILE = libqcos.$(VERSION).dylib
NATIVE_LIBS := $(NATIVE_LIBS_DARWIN)
else
HERE = $$ORIGIN
SHARED = libqcos.so
SONAME = libqcos.so.$(SOVERSION)
SHARED_FILE = libqcos.so.$(VERSION)
endif
SETTINGS = DESTDIR PREFIX BINDIR LIBDIR INCLUDEDIR MANDIR PKGCONFIGDIR CMAKEDIR DOCDIR \
    RELEASE VERSION SYSTEM SHARED SONAME SHARED_FILE NATIVE_LIBS
INSTALL_SCRIPT = $(foreach name,$(SETTINGS),$(name)='$($(name))') packaging/install.sh

.DEFAULT_GOAL := help
.PHONY: help build examples examples-cpp install uninstall demo test soak browser-check repeat bench fuzz check abi \
    deny docs msrv deb deb-install deb-check packages packages-check packages-check-arm64 packages-check-musl \
    recipes-check reproducible platforms check-platforms portable macos header golden setup clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]*:.*## / { printf "%-21s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build libqcos.so, libqcos.a and the emulator into target/release; CARGO_BUILD_TARGET= for another platform
	$(CARGO) build --release --locked --package qcos-emulator
	$(CARGO) rustc --release --locked --package libqcos --lib --crate-type cdylib,staticlib
	$(if $(filter Darwin,$(SYSTEM)),,packaging/archive-names.sh $(RELEASE)/libqcos.a)
	ln -sf $(SHARED) $(RELEASE)/$(SONAME)
	packaging/notices.sh $(if $(CARGO_BUILD_TARGET),--target $(CARGO_BUILD_TARGET)) libqcos qcos-emulator >$(RELEASE)/third-party-notices

examples: build $(EXAMPLES) ## Compile the C examples into target/examples-c

target/examples-c/%: examples-c/%.c include/qcos.h $(RELEASE)/$(SHARED)
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) -Iinclude $< -o $@ $(LINK)

examples-cpp: build $(CPP_EXAMPLES) ## Compile the C++ examples into target/examples-cpp

target/examples-cpp/%: examples-cpp/%.cpp include/qcos.hpp include/qcos.h $(RELEASE)/$(SHARED)
	@mkdir -p $(@D)
	$(CXX) $(CXX_FLAGS) -Iinclude $< -o $@ $(LINK)

$(RELEASE)/$(SHARED): build

# What is built already is installed as it is: root may have no cargo.
install: ## Install what was built: PREFIX=/usr/local, DESTDIR=, LIBDIR= and more
	@for built in $(SHARED) libqcos.a qcos-emulator third-party-notices; do \
	    [ -e $(RELEASE)/$$built ] || { $(MAKE) build && break; } || exit 1; \
	done
	@$(INSTALL_SCRIPT) install

uninstall: ## Remove what was installed, given the same PREFIX and others
	@$(INSTALL_SCRIPT) uninstall

demo: examples ## Run the examples against a local emulator
	scripts/demo.sh

test: setup ## Install what the tests need, and run them all
	scripts/test.sh

soak: setup ## The long versions of the tests that look for rare failures
	QCOS_SOAK=1 $(CARGO) test --locked --release --test chaos --test crowd --test cuts \
	    --test checkpoint --test part_copy

browser-check: ## Have a real browser send the forms of qcos_post_policy (installs Chromium, by apt)
	scripts/setup-tests.sh browser
	$(CARGO) test --locked --test browser -- --ignored

repeat: ## Run the tests fifty times, to find those that fail now and then
	scripts/repeat.sh 50

bench: build ## Measure speed and memory beside other clients, into docs/bench (three hours; a quiet machine)
	scripts/setup-tests.sh bench
	bench/run.py

fuzz: ## Feed what comes from outside with made-up bytes, a minute for each target
	for target in http_reply json_reply xml_reply form path options; do scripts/fuzz.sh $$target 60 || exit 1; done

check: ## Format and lints; warnings are errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	for own in sink peers/opendal; do \
	    $(CARGO) fmt --manifest-path bench/$$own/Cargo.toml --check || exit 1; \
	done
	CARGO_TARGET_DIR=target/bench/sink $(CARGO) clippy --locked --manifest-path bench/sink/Cargo.toml \
	    --all-targets -- -D warnings

abi: setup ## Compare the library with the ABI that was promised
	scripts/abi.sh

msrv: ## Compile everything with the oldest Rust that Cargo.toml promises
	scripts/msrv.sh

deny: ## Check the licences and sources of all crates
	scripts/deny.sh

check-platforms: ## Type-check the library and the emulator for Windows and macOS
	scripts/check-platforms.sh

PLATFORMS = aarch64 armv7 i686 s390x musl portable portable-aarch64 windows
platforms: $(PLATFORMS) ## Build for other processors and systems, and run the C programs there

.PHONY: $(filter-out portable,$(PLATFORMS))
$(filter-out portable,$(PLATFORMS)):
	scripts/platforms.sh $@

portable: ## Make libqcos.so for glibc 2.17 and later, x86-64 and aarch64; run it on an old Debian
	scripts/portable.sh x86_64 aarch64
	scripts/platforms.sh portable

macos: ## Link the library for macOS by zig, and read what it exports and is called; nothing runs
	scripts/macos.sh

docs: setup ## Make the reference of qcos.h and qcos.hpp into target/docs/html
	rm -rf target/docs && mkdir -p target/docs
	QCOS_VERSION=$(VERSION) doxygen docs/Doxyfile

deb: ## Build the Debian packages into target/deb; ARCH=arm64 for another architecture
	ARCH=$(ARCH) scripts/deb.sh

deb-install: deb ## Install them in a Debian of their own, as root, and run a program there; ARCH=arm64: by qemu-user
	ARCH=$(ARCH) scripts/test-deb.sh

deb-check: build ## The same of what is built already, which takes seconds; lintian looks them over
	@command -v dpkg >/dev/null 2>&1 || { echo "NOT RUN: packages for Debian, which this is not" >&2; exit 0; }; \
	scripts/setup-tests.sh deb && scripts/deb.sh built

packages: ## Build what is published into target/packages: archives, wheels, npm packages, the Go module
	scripts/setup-tests.sh packages
	packaging/packages.sh

packages-check: packages ## Install each of them in a place of its own, and run its quickstart there
	scripts/test-packages.sh

packages-check-arm64: packages ## The same of those for that processor, in a Debian of it, by qemu-user; as root
	scripts/test-packages.sh arm64

packages-check-musl: packages ## The same of those for musl: C, and Node; as root
	scripts/test-packages-musl.sh

recipes-check: ## Build packages by the recipes of packaging/, from what is committed, and use them
	scripts/test-recipes.sh

reproducible: ## Build twice, with cargo and the source elsewhere, and compare the bytes
	scripts/reproducible.sh

header: ## Write include/qcos.h anew from src/ffi, and what is made from it
	QCOS_WRITE_HEADER=1 $(CARGO) test --quiet --locked --workspace --test header
	QCOS_WRITE_HEADER=1 $(CARGO) test --quiet --locked --workspace --test abi

golden: ## Write tests/wire*.golden anew; read the diff before committing it
	QCOS_WRITE_GOLDEN=1 $(CARGO) test --quiet --locked --test wire --test wire_xml

setup: ## Install the tools that the tests run (as root, by apt; else it says which)
	scripts/setup-tests.sh

clean: ## Remove everything that was built
	$(CARGO) clean
	rm -rf emulator/tests/node/node_modules
