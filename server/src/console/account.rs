//! `/admin/account`: an operator's own password, second factor and sessions.

use super::{
    fields::Fields,
    page::{Desk, go_to, page},
    qr,
    sign_in::{refusal_of, refusals_of, refused_page, sealed, with_cookies},
};
use crate::{
    access::{
        Access, password,
        second_factor::{Offered, RECOVERY_COUNT, Unconfirmed},
        session::SignedIn,
        sign_in::Refused,
    },
    client::Client,
};
use app::console::{self, Account, Notice, Obstacle, Offer, PasskeyLine};
use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    change::SessionsEnded,
    command::{Command, Refusal, operators::Wish},
    id::{EventId, OperatorId},
    operator::Passkey,
};
use std::sync::Arc;

const PATH: &str = "/admin/account";

/// Whoever asks, with an account of their own.
pub struct Own {
    pub access: Arc<Access>,
    headers: HeaderMap,
    pub signed: SignedIn,
    pub operator: OperatorId,
}

/// What a page shows beside what the account is.
#[derive(Default)]
struct Shown {
    notice: Option<Notice>,
    offer: Option<Offered>,
    recovery: Vec<String>,
}

impl Own {
    /// A session without an account (break-glass) is told so.
    pub fn new(access: Arc<Access>, headers: HeaderMap, signed: Option<SignedIn>) -> Result<Own, Box<Response>> {
        match signed.as_ref().and_then(SignedIn::operator) {
            Some(operator) => match signed {
                Some(signed) => Ok(Own { access, headers, signed, operator }),
                None => Err(Box::new(go_to("/admin/sign-in"))),
            },
            None => {
                let desk = Desk::new(&access.node, &headers, signed.as_ref());
                let refusals = [Obstacle::NoAccount.at("")];
                Err(Box::new(page(StatusCode::FORBIDDEN, console::message(&desk.inputs(&refusals)))))
            }
        }
    }

    fn html(&self, refusals: &[Refusal], shown: Shown) -> String {
        let desk = Desk::new(&self.access.node, &self.headers, Some(&self.signed));
        let board = self.access.node.board();
        let factor = board.operators.get(&self.operator).and_then(|held| held.second_factor.as_ref());
        let passkeys = board.operators.get(&self.operator).map(|held| {
            let line = |(id, passkey): (&EventId, &Passkey)| PasskeyLine {
                id: id.to_string(),
                name: app::words::first_language(&passkey.name.as_str().into()).to_owned(),
                added_at: passkey.added_at,
            };
            held.passkeys.iter().map(line).collect::<Vec<_>>()
        });
        let account = Account {
            login: self.signed.login.clone(),
            second_factor: factor.map(|factor| console::Factor {
                since: factor.set_at,
                recovery_left: RECOVERY_COUNT.saturating_sub(factor.spent.len()),
            }),
            passkeys: passkeys.into_iter().flatten().collect(),
            notice: shown.notice,
            offer: shown.offer.map(|offer| Offer {
                picture: qr::picture(&offer.uri),
                secret: offer.secret.to_string(),
                sealed: offer.sealed,
            }),
            recovery: shown.recovery,
        };
        console::account(&desk.inputs(refusals), &account)
    }

    pub fn refuse(&self, refusals: &[Refusal]) -> Response {
        page(StatusCode::UNPROCESSABLE_ENTITY, self.html(refusals, Shown::default()))
    }

    /// Whether the present password was typed, as everything asks for that an operator could be robbed of.
    pub async fn prove(
        &self,
        client: Option<Extension<Client>>,
        field: &str,
        fields: &Fields,
    ) -> Result<(), Box<Response>> {
        let proved = self.prove_field(client, field, fields).await;
        proved.map_err(|(refused, refusal)| Box::new(refused_page(refused, self.html(&[refusal], Shown::default()))))
    }

    /// The same for a question that is not answered with a page.
    pub async fn prove_field(
        &self,
        client: Option<Extension<Client>>,
        field: &str,
        fields: &Fields,
    ) -> Result<(), (Refused, Refusal)> {
        let address = client.and_then(|Extension(client)| client.address);
        let password = fields.get(field).to_owned();
        match self.access.prove(&self.headers, address, self.operator, password).await {
            Ok(attempt) => {
                self.access.throttle.succeeded(&attempt);
                Ok(())
            }
            Err(refused) => {
                let refusal = refusal_of(refused, Obstacle::WrongPresent);
                Err((refused, Refusal { field: field.to_owned(), ..refusal }))
            }
        }
    }

    /// On to the account, which says what was done.
    pub fn done(&self, notice: Notice) -> Response {
        go_to(&format!("{PATH}?done={}", notice.word()))
    }

    /// Writes what is wished.
    pub async fn publish(&self, wish: Wish) -> Result<(), Box<Response>> {
        let published = self.access.node.publish(Command::Operator(wish), self.signed.author()).await;
        published.map(drop).map_err(|error| Box::new(self.refuse(&refusals_of(error))))
    }

    /// A new session for this browser, after all were ended.
    fn begin_anew(&self, notice: Notice) -> Response {
        match self.access.begin_again(self.operator, &self.signed) {
            Ok(cookies) => with_cookies(go_to(&format!("{PATH}?done={}", notice.word())), cookies),
            Err(error) => {
                tracing::error!(%error, operator = %self.operator, "no session began after all were ended");
                go_to("/admin/sign-in")
            }
        }
    }
}

/// A page, or one that says why not.
pub type Answer = Result<Response, Box<Response>>;

pub fn answered(answer: Answer) -> Response {
    answer.unwrap_or_else(|response| *response)
}

pub async fn show(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let done = Fields::parse(query.unwrap_or_default().as_bytes());
    let notice = Notice::of_word(done.get("done"));
    let own = Own::new(access, headers, signed);
    answered(own.map(|own| page(StatusCode::OK, own.html(&[], Shown { notice, ..Shown::default() }))))
}

pub async fn change_password(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(fields): Extension<Fields>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
) -> Response {
    answered(
        async {
            let own = Own::new(access, headers, signed)?;
            own.prove(client, "present", &fields).await?;
            password::check(fields.get("password"), &own.signed.login).map_err(|refusal| own.refuse(&[refusal]))?;
            let set = sealed(&own.access, fields.get("password")).await.map_err(|refusal| own.refuse(&[refusal]))?;
            own.publish(Wish::SetPassword { operator: own.operator, set }).await?;
            tracing::info!(operator = %own.operator, "a password was changed");
            Ok(own.begin_anew(Notice::Password))
        }
        .await,
    )
}

pub async fn end_sessions(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    headers: HeaderMap,
) -> Response {
    answered(
        async {
            let own = Own::new(access, headers, signed)?;
            own.publish(Wish::EndSessions { operator: own.operator, ended: SessionsEnded { session: None } }).await?;
            tracing::info!(operator = %own.operator, "all other sessions were ended");
            Ok(own.begin_anew(Notice::Sessions))
        }
        .await,
    )
}

/// Offers a second factor; nothing counts before a code of it was typed.
pub async fn offer(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(fields): Extension<Fields>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
) -> Response {
    answered(
        async {
            let own = Own::new(access, headers, signed)?;
            own.prove(client, "present-for-factor", &fields).await?;
            let offer = own
                .access
                .offer(&own.signed, own.operator)
                .map_err(|error| own.refuse(&[no_randomness(error.to_string())]))?;
            Ok(page(StatusCode::OK, own.html(&[], Shown { offer: Some(offer), ..Shown::default() })))
        }
        .await,
    )
}

fn no_randomness(error: String) -> Refusal {
    Obstacle::NoRandomness { error }.at("")
}

pub async fn confirm(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(fields): Extension<Fields>,
    headers: HeaderMap,
) -> Response {
    answered(
        async {
            let own = Own::new(access, headers, signed)?;
            let sealed = fields.get("offer");
            let (set, recovery) = match own.access.confirm(&own.signed, sealed, fields.get("code")) {
                Ok(confirmed) => confirmed,
                Err(Unconfirmed::Wrong) => {
                    let refusals = [Obstacle::WrongFactor.at("code")];
                    let offer = own.access.offered(&own.signed, sealed);
                    let html = own.html(&refusals, Shown { offer, ..Shown::default() });
                    return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, html));
                }
                Err(Unconfirmed::Over) => {
                    return Ok(own.refuse(&[Obstacle::TookTooLong.at("")]));
                }
                Err(Unconfirmed::Failed) => return Ok(own.refuse(&[no_randomness(String::new())])),
            };
            own.publish(Wish::SetSecondFactor { operator: own.operator, set }).await?;
            tracing::info!(operator = %own.operator, "a second factor was set");
            // The codes are on this page and nowhere else.
            Ok(page(StatusCode::OK, own.html(&[], Shown { recovery, ..Shown::default() })))
        }
        .await,
    )
}

pub async fn remove(
    State(access): State<Arc<Access>>,
    Extension(signed): Extension<Option<SignedIn>>,
    Extension(fields): Extension<Fields>,
    client: Option<Extension<Client>>,
    headers: HeaderMap,
) -> Response {
    answered(
        async {
            let own = Own::new(access, headers, signed)?;
            own.prove(client, "present-to-remove", &fields).await?;
            own.publish(Wish::RemoveSecondFactor { operator: own.operator }).await?;
            tracing::warn!(operator = %own.operator, "a second factor was removed by its owner");
            Ok(own.done(Notice::FactorRemoved))
        }
        .await,
    )
}
