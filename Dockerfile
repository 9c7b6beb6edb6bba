# The image of every role of tlsrptd: ingest, api, worker and the rest. docker-compose.yml
# says how they stand together, docs/docker.md how to run them. tests/system/test_image.py
# runs these steps without Docker.

ARG DEBIAN=debian:12.11-slim

FROM ${DEBIAN} AS build
WORKDIR /src
# The packages alone first: they change seldom, and are then not installed again.
COPY scripts/install-packages scripts/install-packages
RUN scripts/install-packages build
COPY . .
RUN cmake --preset release && cmake --build --preset release
RUN mkdir /out \
    && strip --strip-unneeded -o /out/tlsrptd build/release/tlsrptd \
    && packaging/docker/runtime-packages /out/tlsrptd > /out/packages

FROM ${DEBIAN}
# The base is pinned; what was mended since it was made comes from Debian's archive.
COPY --from=build /out/packages /tmp/packages
RUN apt-get update -qq \
    && apt-get upgrade -y -qq \
    && xargs apt-get install -y -qq --no-install-recommends < /tmp/packages \
    && rm -rf /var/lib/apt/lists/* /tmp/packages
# A fixed number: a volume, or a folder that is mounted, belongs to it from one image to the
# next.
RUN groupadd --gid 10025 tlsrptd \
    && useradd --uid 10025 --gid 10025 --home-dir /var/lib/tlsrptd --no-create-home \
       --shell /usr/sbin/nologin tlsrptd \
    && install -d -m 0700 -o tlsrptd -g tlsrptd /var/lib/tlsrptd
COPY --from=build /out/tlsrptd /usr/local/bin/tlsrptd

# By number: Kubernetes' runAsNonRoot cannot tell of a name.
USER 10025:10025
ENV TLSRPTD_DATA_DIR=/var/lib/tlsrptd \
    TLSRPTD_HEALTH_LISTEN=0.0.0.0:9120 \
    TLSRPTD_LOG_FORMAT=json
# What was acknowledged and is not in PostgreSQL yet.
VOLUME /var/lib/tlsrptd
# SMTP, HTTPS, API and page, health and metrics.
EXPOSE 2525 8443 8080 9120
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
    CMD ["tlsrptd", "health"]
ENTRYPOINT ["tlsrptd"]
CMD ["--help"]
