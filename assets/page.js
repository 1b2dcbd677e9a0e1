// What the Flutter page cannot say by itself: its accessibility tree is open from the first frame,
// its text fields tell password managers what they hold, amounts are typed on digits with a comma,
// and the page has a main landmark.
(() => {
  'use strict';

  // Flutter keeps its semantics behind a button that only screen readers find. Open it for all:
  // it is also what keyboards, voice control and translation read.
  const openTree = () => {
    const button = document.querySelector('flt-semantics-placeholder');
    if (button) button.click();
    return Boolean(button);
  };

  const landmark = () => {
    const view = document.querySelector('flutter-view');
    if (view && !view.hasAttribute('role')) {
      view.setAttribute('role', 'main');
      view.setAttribute('aria-label', 'Quittance');
    }
  };

  // Labels are written in every language of the app.
  const PURPOSES = [
    [/nouveau mot de passe|new password|choisissez un mot de passe|choose a password|nueva contraseña|elija una contraseña|nova palavra-passe|escolha uma palavra-passe|كلمة مرور جديدة|اختر كلمة مرور|كلمة المرور الجديدة|اختيار كلمة مرور/i, 'new-password'],
    [/mot de passe|password|contraseña|palavra-passe|كلمة (ال)?مرور/i, 'current-password'],
    [/code de connexion|sign-in code|código de conexión|código de acceso|código de início de sessão|código de acesso|رمز الدخول|رمز الاتصال|رمز تسجيل الدخول/i, 'one-time-code'],
    [/adresse e-mail|e-mail address|correo electrónico|endereço de e-mail|عنوان البريد الإلكتروني|البريد الإلكتروني/i, 'username'],
  ];
  const purpose = (field) => {
    const label = field.getAttribute('aria-label') || '';
    const found = PURPOSES.find(([pattern]) => pattern.test(label));
    if (found && field.getAttribute('autocomplete') !== found[1]) {
      field.setAttribute('autocomplete', found[1]);
    }
    // Flutter asks for bare digits; a pad with a comma serves amounts, and numbers no less. A cell
    // of a table is named by two headings at least (keys.js), and holds an amount too.
    const cell = field.tagName === 'TEXTAREA' && /^.+, [^,]+, .+$/.test(label);
    const digits = field.getAttribute('inputmode') === 'numeric' && !/code/i.test(label);
    if ((cell || digits) && field.getAttribute('inputmode') !== 'decimal') {
      field.setAttribute('inputmode', 'decimal');
    }
    if (/\(erreur|\(error/i.test(label)) field.setAttribute('aria-invalid', 'true');
    else if (field.getAttribute('aria-invalid') === 'true') field.setAttribute('aria-invalid', 'false');
  };

  let opened = false;
  const watch = () => {
    if (!opened) opened = openTree();
    landmark();
    document.querySelectorAll('flt-semantics-host input, flt-semantics-host textarea').forEach(purpose);
  };
  new MutationObserver(watch).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ['aria-label', 'autocomplete', 'inputmode'],
  });
  watch();
})();
