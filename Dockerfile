# The image of random-refresher: made on Debian 13, run from scratch. `make image` builds it with what is installed.
# k8s/image/ holds the steps; for another architecture the build cross-compiles and needs no emulation.
# The one place that names the base image: an index of all architectures, by its digest. A newer one:
#   skopeo inspect --format '{{.Digest}}' docker://docker.io/library/debian:trixie-slim
# What is installed on it comes from the package mirror of the day; `make sbom` says which versions that gave.
ARG BASE=docker.io/library/debian:trixie-slim@sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f
# The compiler's own platform. BuildKit knows it; make-image says it to the others.
ARG TOOLS_PLATFORM=$BUILDPLATFORM

FROM --platform=$TOOLS_PLATFORM ${BASE} AS build
ARG TARGETARCH
ARG UNIT_TESTS=no
COPY k8s/image/install-tools k8s/image/plain-http /image/
RUN /image/install-tools "$TARGETARCH" "$UNIT_TESTS"
RUN /image/plain-http "$TARGETARCH"
COPY k8s/image/ /image/
COPY . /src/
ARG SOURCE_DATE_EPOCH=0
ARG REVISION=unknown
RUN /image/compile "$TARGETARCH" "$REVISION" "$UNIT_TESTS"
RUN /image/collect /rootfs "$SOURCE_DATE_EPOCH" /src/build/release/refresher /src/build/release/refresher-assess

FROM scratch
COPY --from=build /rootfs/ /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
USER 65532:65532
STOPSIGNAL SIGTERM
EXPOSE 8080
ENTRYPOINT ["refresher"]
CMD ["/numbers.txt", "10000", "30"]
ARG VERSION=unknown
ARG REVISION=unknown
# make-image adds when and from what it was made, and where the tree has one, its address.
LABEL org.opencontainers.image.title="random-refresher" \
      org.opencontainers.image.description="Keeps a file of fresh random numbers from the node's health-tested hardware generator" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.vendor="random-refresher" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
