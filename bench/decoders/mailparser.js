// The same with mailparser: see bench/decode.py. `decode` and `speed` by simpleParser, which most use; `memory` by
// its stream of attachments, which spares it the most.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const { pipeline } = require("stream/promises");
const { MailParser, simpleParser } = require("mailparser");

// What the others do not do is switched off: HTML made of text, links found in text, pictures put into the HTML.
const spared = { skipTextToHtml: true, skipTextLinks: true, skipImageLinks: true, keepCidLinks: true };

const addresses = (field) => (field ? [field].flat().flatMap((one) => one.value) : []);

const safe = (name) => path.basename(name || "attachment").replace(/[\0/]/g, "_");

async function decode(file, spool, keep) {
    const mail = await simpleParser(fs.readFileSync(file), spared);
    if (!keep) return mail;
    const attachments = mail.attachments.map((one, number) => {
        const kept = path.join(spool, `${number + 1}-${safe(one.filename)}`);
        fs.writeFileSync(kept, one.content);
        return {
            name: one.filename || null, mediaType: one.contentType, size: one.size, contentId: one.cid || null,
            sha256: crypto.createHash("sha256").update(one.content).digest("hex"), path: kept,
        };
    });
    return JSON.stringify({
        headers: [...mail.headers].map(([name, value]) => ({ name, value })),
        from: addresses(mail.from), to: addresses(mail.to), cc: addresses(mail.cc), subject: mail.subject,
        messageId: mail.messageId, date: mail.date, text: mail.text, html: mail.html, attachments,
    });
}

function stream(file, spool) {
    return new Promise((resolve, reject) => {
        const parser = new MailParser(spared);
        let number = 0;
        parser.on("data", (data) => {
            if (data.type !== "attachment") return;
            const kept = path.join(spool, `${++number}-${safe(data.filename)}`);
            pipeline(data.content, fs.createWriteStream(kept)).then(() => data.release(), reject);
        });
        parser.on("error", reject);
        parser.on("end", resolve);
        fs.createReadStream(file).pipe(parser);
    });
}

function kibibytes(field) {
    return Number(new RegExp(`^${field}:\\s*(\\d+)`, "m").exec(fs.readFileSync("/proc/self/status", "utf8"))[1]);
}

async function memory(mails, spool) {
    const decodeInto = (file, name) => {
        const place = path.join(spool, name);
        fs.mkdirSync(place, { recursive: true });
        return stream(file, place);
    };
    await decodeInto(mails[0], "first");
    fs.writeFileSync("/proc/self/clear_refs", "5");
    const before = kibibytes("VmRSS");
    for (const [number, file] of mails.slice(1).entries()) await decodeInto(file, String(number));
    console.log(kibibytes("VmHWM") - before);
}

async function speed(mails, spool, rounds, keep) {
    for (let round = 0; round < rounds; ++round) {
        const began = process.cpuUsage();
        for (const [number, file] of mails.entries()) {
            const place = path.join(spool, String(round), String(number));
            if (keep) fs.mkdirSync(place, { recursive: true });
            await decode(file, place, keep);
        }
        const took = process.cpuUsage(began);
        console.log(((took.user + took.system) / 1e6).toFixed(6));
    }
}

const [what, folder, spool, rounds] = process.argv.slice(2);
const mails = fs.readdirSync(folder).sort().map((name) => path.join(folder, name));
(what === "memory" ? memory(mails, spool) : speed(mails, spool, Number(rounds), what !== "decode")).catch((error) => {
    console.error(error);
    process.exit(1);
});
