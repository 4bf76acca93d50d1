// npm's ews-javascript-api on a server of EWS: finds a folder and its mail, reads it, and waits for another by streaming.
// Tells of each step by a line of JSON.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const ews = require("ews-javascript-api");
const { XhrApi } = require("@ewsjs/xhr");

const { EWS_URL, EWS_MECHANISM, EWS_LOGIN, EWS_PASSWORD } = process.env;

function tell(step, told) {
  process.stdout.write(`${JSON.stringify({ step, ...told })}\n`);
}

const service = new ews.ExchangeService(ews.ExchangeVersion.Exchange2013);
service.Url = new ews.Uri(EWS_URL);
if (EWS_MECHANISM === "NTLM") {
  service.XHRApi = new XhrApi().useNtlmAuthentication(EWS_LOGIN, EWS_PASSWORD);
}
service.Credentials = new ews.WebCredentials(EWS_LOGIN, EWS_PASSWORD);

const folders = await service.FindFolders(ews.WellKnownFolderName.Inbox, new ews.FolderView(100));
tell("folders", { names: folders.Folders.map((folder) => folder.DisplayName) });
const folder = folders.Folders.find((one) => one.DisplayName === EWS_MECHANISM);

const unread = new ews.SearchFilter.IsEqualTo(ews.EmailMessageSchema.IsRead, false);
const found = await service.FindItems(folder.Id, unread, new ews.ItemView(10));
tell("items", { items: found.Items.map((item) => ({ id: item.Id.UniqueId, subject: item.Subject })) });

const wanted = new ews.PropertySet(ews.BasePropertySet.IdOnly, [ews.ItemSchema.MimeContent]);
const mail = await ews.EmailMessage.Bind(service, found.Items[0].Id, wanted);
tell("mime", { text: Buffer.from(mail.MimeContent.Content, "base64").toString() });

const subscription = await service.SubscribeToStreamingNotifications([folder.Id], ews.EventType.Created);
const connection = new ews.StreamingSubscriptionConnection(service, 1);
connection.AddSubscription(subscription);
connection.OnNotificationEvent.push((_, heard) => {
  for (const event of heard.Events) {
    if (event.ItemId) {
      tell("heard", { id: event.ItemId.UniqueId });
      process.exit(0);
    }
  }
});
connection.OnDisconnect.push((_, why) => {
  tell("disconnected", { why: String(why.Exception) });
  process.exit(1);
});
connection.Open();
tell("streaming", {});
