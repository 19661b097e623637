//! The names of all operations, from which generated clients make those of their functions.

use crate::operations::operations;
use afterview_tests::TestApp;

#[actix_web::test]
async fn operation_ids_are_unique_and_stable() {
    let app = TestApp::start().await;
    let all = operations(&app.anonymous()).await;
    let mut ids: Vec<&str> = all.iter().map(|operation| operation.id.as_str()).collect();
    for id in &ids {
        let camel = id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.chars().all(|c| c.is_ascii_alphanumeric());
        assert!(camel, "{id}");
    }
    ids.sort_unstable();
    let before = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), before);
    insta::assert_snapshot!(ids.join("\n"), @r"
    changePassword
    checkTact
    correctFollowUpSent
    createAccessToken
    createCalendarFeed
    createCommitment
    createContact
    createExpectation
    createFollowUp
    createInterview
    createOffer
    createOpportunity
    createReply
    createStreamTicket
    createSupplement
    createWebhook
    debriefInterview
    deleteAccount
    deleteCommitment
    deleteContact
    deleteExpectation
    deleteInterview
    deleteOffer
    deleteOpportunity
    deleteReply
    deleteSupplement
    deleteWebhook
    draftFollowUp
    endAccessToken
    endCalendarFeed
    endSession
    exportAccount
    forgetDevicePush
    forgotPassword
    getAccount
    getActivityReport
    getAgenda
    getCalendarFeed
    getCommitment
    getContact
    getDeletionPage
    getDevice
    getExpectation
    getFollowUp
    getIndex
    getInterview
    getJsonWebKeySet
    getLimits
    getLiveness
    getOffer
    getOpenApi
    getOpportunity
    getPlan
    getPreferences
    getProblemType
    getReadiness
    getRecordHistory
    getReply
    getResetPage
    getRule
    getSupplement
    getSyncHead
    getSyncSnapshot
    getWebhook
    importAccount
    listAccessTokens
    listAuditEvents
    listCalendarFeeds
    listCalendars
    listCommitments
    listConflicts
    listContacts
    listExpectations
    listFollowUps
    listInterviews
    listNotifications
    listOffers
    listOpportunities
    listReplies
    listRules
    listSessions
    listSupplements
    listSyncChanges
    listSyncRevisions
    listWebhookDeliveries
    listWebhooks
    login
    loginWithIdToken
    logout
    markFollowUpSent
    parsePromise
    pullRxdb
    pullRxdbVersion
    pullWatermelonChanges
    pushRxdb
    pushRxdbVersion
    pushWatermelonChanges
    readCalendar
    refresh
    register
    registerGuest
    reopenFollowUp
    replaceCommitment
    replaceContact
    replaceExpectation
    replaceInterview
    replaceOffer
    replaceOpportunity
    replacePreferences
    replaceReply
    replaceSupplement
    reportDevice
    resetPassword
    resolveConflict
    rotateCalendarFeed
    rotateWebhookSecret
    sendTestNotification
    simulatePlan
    skipFollowUp
    snoozeFollowUp
    streamPokes
    streamRxdb
    streamRxdbVersion
    submitDeletionPage
    submitResetPage
    syncRound
    testWebhook
    undoFollowUpSent
    updateAccount
    updateCalendarFeed
    updateCommitment
    updateContact
    updateExpectation
    updateFollowUp
    updateInterview
    updateOffer
    updateOpportunity
    updatePreferences
    updateReply
    updateSupplement
    updateWebhook
    upgradeAccount
    ");
}
