//! The public service: from a request to a response. A hot page is answered at once: path, lookup, encoding, bytes.

use super::{
    Answer, Body, files,
    forwarded::Peer,
    guarded,
    live::Live,
    metrics::{Class, Metrics},
    page,
    problem::{self, Problem},
    ready::{self, Ready},
    router::{self, Route},
    security,
    settings::{Settings, TARGET_BYTES_MAX},
    shutdown::Shutdown,
};
use crate::cache::{Found, Pages, upkeep};
use app::{address::Address, locale::Locale};
use arc_swap::ArcSwap;
use axum::{
    Router,
    http::{HeaderValue, Method, Request, Response, header},
};
use futures_util::future::{self, Either};
use hyper::body::{Body as _, Incoming};
use std::{convert::Infallible, pin::Pin, sync::Arc, time::Instant};

/// A response that is there, or on its way.
pub type Answering =
    Either<future::Ready<Result<Answer, Infallible>>, Pin<Box<dyn Future<Output = Result<Answer, Infallible>> + Send>>>;

/// Everything that answers readers.
#[derive(Debug)]
pub struct Public {
    pub settings: Settings,
    pub pages: Arc<Pages>,
    pub live: Arc<Live>,
    pub metrics: Arc<Metrics>,
    ready: Arc<ArcSwap<Ready>>,
    operators: Router,
    strict_transport: Option<HeaderValue>,
    /// Of pages, documents and files, where the page has copies.
    policy: Option<HeaderValue>,
}

impl Public {
    /// `operators` answers what lies below `/api/v1/` and `/admin/`, with the whole path.
    pub fn new(pages: Arc<Pages>, operators: Router, settings: Settings) -> Arc<Self> {
        let hot = pages.hot();
        let ready = Arc::new(ArcSwap::from_pointee(Ready::of(&hot)));
        let live = Arc::new(Live::new(&hot, settings.limits.streams_max));
        let (swapped, told) = (Arc::clone(&ready), Arc::clone(&live));
        pages.on_swap(Box::new(move |hot| {
            swapped.store(Arc::new(Ready::of(hot)));
            told.tell(hot);
        }));
        let strict_transport = security::strict_transport(settings.hsts_seconds);
        let policy = security::policy_with(&settings.copies);
        let metrics = Arc::default();
        Arc::new(Public { settings, pages, live, metrics, ready, operators, strict_transport, policy })
    }

    /// The work in the background: stamps, better compression, the live stream. Ends when the end is announced.
    pub async fn run(&self, shutdown: Shutdown) {
        let upkeep = async {
            tokio::select! {
                () = upkeep::run(Arc::clone(&self.pages)) => {}
                () = shutdown.begun() => {}
            }
        };
        tokio::join!(upkeep, self.live.run(shutdown.clone()));
    }

    /// Answers one request.
    pub fn call(self: &Arc<Self>, peer: &Peer, mut request: Request<Incoming>) -> Answering {
        let secure = self.strict_transport.is_some() && peer.is_secure(request.headers());
        let line = Line::begin(&request);
        if let Some(answer) = self.at_once(&request) {
            return Either::Left(future::ready(Ok(self.finished(answer, Class::Page, secure, line))));
        }
        let client = peer.client(request.headers(), &self.settings.trusted_proxies);
        request.extensions_mut().insert(client);
        let public = Arc::clone(self);
        Either::Right(Box::pin(async move {
            let (answer, class) = public.in_turn(request).await;
            Ok(public.finished(answer, class, secure, line))
        }))
    }

    fn at_once(&self, request: &Request<Incoming>) -> Option<Answer> {
        if *request.method() != Method::GET && *request.method() != Method::HEAD {
            return None;
        }
        if request.uri().path().len() > TARGET_BYTES_MAX || request.uri().query().is_some() {
            return None;
        }
        let answer = self.ready.load().answer(request.uri().path(), request.method(), request.headers());
        if answer.is_some() {
            self.pages.measures.hits.inc();
        }
        answer
    }

    async fn in_turn(self: &Arc<Self>, request: Request<Incoming>) -> (Answer, Class) {
        let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
        if target > TARGET_BYTES_MAX {
            return (Problem::TargetTooLong.answer(), Class::Other);
        }
        let path = request.uri().path();
        let (route, present) = (router::route(path, &self.pages.source().board()), &self.ready.load_full().present);
        if let Route::Operators = route {
            let answer = guarded::answer(self.operators.clone(), request, self.settings.limits.request_timeout).await;
            return (answer, Class::Api);
        }
        let (method, headers) = (request.method(), request.headers());
        if *method == Method::OPTIONS {
            return (problem::preflight(), Class::Other);
        }
        if *method != Method::GET && *method != Method::HEAD {
            return (Problem::MethodNotAllowed.answer(), Class::Other);
        }
        match route {
            Route::Page(address, fixed) => {
                let locale = fixed.unwrap_or_else(|| ready::language(headers));
                match self.pages.get(address, locale).await {
                    Found::Page(found) => {
                        let is_there = found.address != Address::NotFound;
                        let answer = page::answer(&found, method, headers, fixed.is_none(), present);
                        (answer, if is_there { Class::Page } else { Class::Missing })
                    }
                    Found::Unavailable => (Problem::Unavailable.answer(), Class::Page),
                }
            }
            Route::File(file) => (files::answer(file, method, headers), Class::File),
            Route::Live => (self.live.answer(method), Class::Live),
            Route::Missing { machine: false } => {
                let fixed = router::language_of(path);
                let locale: Locale = fixed.unwrap_or_else(|| ready::language(headers));
                let answer = match self.pages.get(Address::NotFound, locale).await {
                    Found::Page(found) => page::answer(&found, method, headers, fixed.is_none(), present),
                    Found::Unavailable => Problem::NotFound.answer(),
                };
                (answer, Class::Missing)
            }
            Route::Missing { machine: true } | Route::Operators => (Problem::NotFound.answer(), Class::Missing),
        }
    }

    fn finished(&self, mut answer: Answer, class: Class, secure: bool, line: Line) -> Answer {
        if let Some(value) = self.strict_transport.as_ref().filter(|_| secure) {
            answer.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value.clone());
        }
        let is_public = matches!(class, Class::Page | Class::Missing | Class::File);
        if let Some(policy) = self.policy.as_ref().filter(|_| is_public) {
            answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        }
        self.metrics.count(class, answer.status());
        line.end(&answer);
        answer
    }
}

/// One line for each request, at debug: never its query, its headers or its body, where a token could be.
struct Line(Option<(Method, String, Instant)>);

impl Line {
    fn begin(request: &Request<Incoming>) -> Self {
        let wanted = tracing::enabled!(tracing::Level::DEBUG);
        Line(wanted.then(|| (request.method().clone(), request.uri().path().to_owned(), Instant::now())))
    }

    fn end(self, answer: &Response<Body>) {
        let Some((method, path, begun)) = self.0 else { return };
        let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let bytes = answer.body().size_hint().exact();
        tracing::debug!(%method, path, status = answer.status().as_u16(), micros, bytes, "request");
    }
}
