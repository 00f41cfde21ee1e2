# The image of random-refresher: made on Debian 13, run from scratch. `make image` builds it with what is installed.
# k8s/image/ holds the steps; for another architecture the build cross-compiles and needs no emulation.
ARG BASE=docker.io/library/debian:trixie-slim
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
RUN /image/collect /src/build/release/refresher /rootfs "$SOURCE_DATE_EPOCH"

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
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE_URL=
LABEL org.opencontainers.image.title="random-refresher" \
      org.opencontainers.image.description="Keeps a file of fresh random numbers from the node's health-tested hardware generator" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.vendor="random-refresher" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE_URL}" \
      org.opencontainers.image.url="${SOURCE_URL}" \
      org.opencontainers.image.documentation="${SOURCE_URL}"
