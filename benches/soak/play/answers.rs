//! What an answer says, and whether the API server would take it.

use std::panic::catch_unwind;

use lagward::fronts::webhook::record::Route;
use serde_json::Value;

use crate::verifier::verify;

/// In a few words what the answer to `body` says: `silent`, `denied CODES`, `warned CODES`, `noted CODES` where only the
/// audit log gets them, `patched`, or `told` where the warning is none of a rule.
///
/// # Errors
/// Why the API server would not take it.
pub(crate) fn said(route: Route, body: &[u8], answer: &[u8]) -> Result<String, String> {
    let response = catch_unwind(|| verify(route, body, answer)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        format!("the verifier: {}", text.unwrap_or_default())
    })?;
    if response["allowed"] != true {
        return Ok(format!(
            "denied {}",
            codes(&response["status"]["details"]["causes"], |cause| &cause["reason"])
        ));
    }
    if response.get("patch").is_some() {
        return Ok("patched".to_owned());
    }
    if response.get("warnings").is_none() {
        let noted = response["auditAnnotations"]["warned"].as_str();
        return Ok(noted.map_or("silent".to_owned(), |codes| format!("noted {codes}")));
    }
    match codes(&response["warnings"], |warning| warning) {
        codes if codes.is_empty() => Ok("told".to_owned()),
        codes => Ok(format!("warned {codes}")),
    }
}

/// The codes at the beginning of these texts, each once.
fn codes(list: &Value, text: fn(&Value) -> &Value) -> String {
    let texts = list.as_array().into_iter().flatten().filter_map(|item| text(item).as_str());
    let mut codes: Vec<&str> = texts.filter_map(|text| text.split(' ').next()).collect();
    codes.retain(|code| code.starts_with("LW"));
    codes.dedup();
    codes.join(",")
}
