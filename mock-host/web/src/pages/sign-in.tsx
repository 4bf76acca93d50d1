import { Alert, Button, Card, Form, Input, Modal, Typography } from "antd";
import { useEffect, useState } from "react";

import { useSession } from "../api/session";
import { useWords } from "../i18n";
import { LanguageSwitch } from "../parts/language-switch";
import { wordsOf } from "../parts/loading";

export function SignIn() {
  const { t } = useWords();
  useEffect(() => {
    document.title = t("product");
  }, [t]);
  return (
    <main className="sign-in">
      <Card className="sign-in-card">
        <div className="sign-in-head">
          <Typography.Title level={1}>{t("product")}</Typography.Title>
          <LanguageSwitch />
        </div>
        <Typography.Paragraph>{t("signIn.welcome")}</Typography.Paragraph>
        <Credentials />
      </Card>
    </main>
  );
}

// Over a page whose session has ended, and hiding it: what was typed there is kept for the same user.
export function SignInAgain() {
  const { t } = useWords();
  return (
    <Modal open rootClassName="sign-in-again" zIndex={1100} width={420} title={t("signIn.title")} closable={false} keyboard={false} footer={null}>
      <Typography.Paragraph>{t("signIn.again")}</Typography.Paragraph>
      <Credentials />
    </Modal>
  );
}

function Credentials() {
  const { t } = useWords();
  const { signIn } = useSession();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async ({ name, password }: { name: string; password: string }) => {
    setBusy(true);
    setError(null);
    try {
      await signIn(name, password);
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit}>
      <Form.Item name="name" label={t("signIn.name")} rules={[{ required: true, message: t("form.required") }]}>
        <Input autoComplete="username" autoFocus />
      </Form.Item>
      <Form.Item name="password" label={t("signIn.password")} rules={[{ required: true, message: t("form.required") }]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      {error !== null && <Alert className="form-alert" type="error" role="alert" showIcon message={wordsOf(error, t)} />}
      <Button type="primary" htmlType="submit" block loading={busy}>
        {t("action.signIn")}
      </Button>
    </Form>
  );
}
