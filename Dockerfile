# syntax=docker/dockerfile:1
# Both programs in one static file, on nothing: no shell, no libraries, no user but one without rights.
#
#   docker buildx build --platform linux/amd64,linux/arm64 .
#
# Each platform compiles for itself, so that nothing needs a cross compiler. With BINARIES=IMAGE the programs come
# out of /out of another image: `make test-image` brings them that way where no base image can be pulled.
ARG BINARIES=build

FROM rust:1.95.0-alpine3.22 AS build
# hadolint ignore=DL3018
RUN apk add --no-cache build-base cmake
WORKDIR /src
COPY . .
# A build of the same commit is the same: no timestamps, no paths of the machine, one unit of code.
ENV CARGO_INCREMENTAL=0 \
    SOURCE_DATE_EPOCH=0 \
    RUSTFLAGS="-C target-feature=+crt-static --remap-path-prefix=/src=. --remap-path-prefix=/usr/local/cargo=cargo"
# jemalloc is built for one size of page, and arm64 has kernels of up to 64 KiB.
RUN if [ "$(uname -m)" = aarch64 ]; then export JEMALLOC_SYS_WITH_LG_PAGE=16; fi \
    && cargo build --locked --package lagward-image --profile dist \
    && mkdir /out \
    && cp target/dist/lagward-image /out/lagward \
    && ln -s lagward /out/lagward-certs

# hadolint ignore=DL3006
FROM ${BINARIES} AS binaries

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="lagward" \
      org.opencontainers.image.description="Keeps Kafka consumers, pod lifecycle and KEDA autoscaling aligned" \
      org.opencontainers.image.source="https://github.com/lagward/lagward" \
      org.opencontainers.image.documentation="https://lagward.dev" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY LICENSE /LICENSE
COPY --from=binaries /out/ /
USER 65532:65532
EXPOSE 8443 8080
ENTRYPOINT ["/lagward"]
CMD ["serve"]
