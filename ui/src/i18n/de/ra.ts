/** react-admin's own texts. Those of parts that no page uses stay English. */
export default {
  action: {
    add_filter: 'Filter hinzufügen', add: 'Hinzufügen', back: 'Zurück', bulk_actions: '1 gewählt |||| %{smart_count} gewählt', cancel: 'Abbrechen',
    clear_array_input: 'Liste leeren', clear_input_value: 'Wert löschen', clone: 'Kopieren', confirm: 'Bestätigen', create: 'Anlegen', create_item: '%{item} anlegen',
    delete: 'Löschen', edit: 'Bearbeiten', export: 'Exportieren', list: 'Liste', refresh: 'Neu laden', remove_filter: 'Diesen Filter entfernen',
    remove_all_filters: 'Alle Filter entfernen', remove: 'Entfernen', reset: 'Zurücksetzen', save: 'Speichern', search: 'Suchen', search_columns: 'Spalten suchen',
    select_all: 'Alle wählen', select_all_button: 'Alle wählen', select_row: 'Diese Zeile wählen', show: 'Anzeigen', sort: 'Sortieren', undo: 'Rückgängig',
    unselect: 'Abwählen', expand: 'Aufklappen', close: 'Schließen', open_menu: 'Menü öffnen', close_menu: 'Menü schließen', update: 'Ändern', move_up: 'Nach oben',
    move_down: 'Nach unten', open: 'Öffnen', toggle_theme: 'Hell oder dunkel', select_columns: 'Spalten', update_application: 'Anwendung neu laden',
  },
  boolean: { true: 'Ja', false: 'Nein', null: ' ' },
  page: {
    create: '%{name} anlegen', dashboard: 'Start', edit: '%{name} %{recordRepresentation}', error: 'Etwas ging schief', list: '%{name}', loading: 'Lädt', not_found: 'Nicht gefunden',
    show: '%{name} %{recordRepresentation}', empty: 'Noch keine %{name}.', invite: 'Jetzt anlegen?', access_denied: 'Kein Zugang', authentication_error: 'Anmeldung fehlgeschlagen',
  },
  input: {
    file: { upload_several: 'Dateien hierher ziehen oder klicken.', upload_single: 'Datei hierher ziehen oder klicken.' },
    references: { all_missing: 'Die verwiesenen Datensätze fehlen.', many_missing: 'Ein verwiesener Datensatz fehlt.', single_missing: 'Der verwiesene Datensatz fehlt.' },
    password: { toggle_visible: 'Kennwort verbergen', toggle_hidden: 'Kennwort zeigen' },
  },
  message: {
    about: 'Über', access_denied: 'Für diese Seite fehlt die Berechtigung.', are_you_sure: 'Sicher?', authentication_error: 'Die Anmeldung konnte nicht geprüft werden.',
    auth_error: 'Die Anmeldung konnte nicht geprüft werden.', bulk_delete_content: 'Diesen Datensatz löschen? |||| Diese %{smart_count} Datensätze löschen?',
    bulk_delete_title: '%{name} löschen |||| %{smart_count} %{name} löschen', bulk_update_content: 'Diesen Datensatz ändern? |||| Diese %{smart_count} Datensätze ändern?',
    bulk_update_title: '%{name} ändern |||| %{smart_count} %{name} ändern', clear_array_input: 'Die ganze Liste leeren?', delete_content: 'Diesen Datensatz löschen?',
    delete_title: '%{name} %{recordRepresentation} löschen', details: 'Einzelheiten', error: 'Ein Fehler im Browser hat die Anfrage verhindert.',
    invalid_form: 'Das Formular enthält Fehler.', loading: 'Bitte warten', no: 'Nein', not_found: 'Diese Adresse gibt es nicht.',
    select_all_limit_reached: 'Zu viele: nur die ersten %{max} sind gewählt.', unsaved_changes: 'Änderungen sind nicht gespeichert. Wirklich verlassen?', yes: 'Ja',
    placeholder_data_warning: 'Das Netz antwortet nicht: die Daten sind nicht neu.',
  },
  navigation: {
    clear_filters: 'Filter löschen', no_filtered_results: 'Mit diesen Filtern ist nichts zu finden.', no_results: 'Nichts gefunden', no_more_results: 'Die Seite %{page} gibt es nicht.',
    page_out_of_boundaries: 'Die Seite %{page} gibt es nicht', page_out_from_end: 'Dies ist die letzte Seite', page_out_from_begin: 'Dies ist die erste Seite',
    page_range_info: '%{offsetBegin}–%{offsetEnd} von %{total}', partial_page_range_info: '%{offsetBegin}–%{offsetEnd} von mehr als %{offsetEnd}', current_page: 'Seite %{page}',
    page: 'Zu Seite %{page}', first: 'Zur ersten Seite', last: 'Zur letzten Seite', next: 'Zur nächsten Seite', previous: 'Zur vorigen Seite', page_rows_per_page: 'Zeilen je Seite:',
    skip_nav: 'Zum Inhalt',
  },
  sort: { sort_by: 'Nach %{field_lower_first} %{order}', ASC: 'aufsteigend', DESC: 'absteigend' },
  auth: {
    auth_check_error: 'Bitte anmelden', user_menu: 'Profil', username: 'Benutzername', password: 'Kennwort', email: 'E-Mail', sign_in: 'Anmelden',
    sign_in_error: 'Die Anmeldung ist fehlgeschlagen', logout: 'Abmelden',
  },
  notification: {
    updated: 'Geändert |||| %{smart_count} geändert', created: 'Angelegt', deleted: 'Gelöscht |||| %{smart_count} gelöscht', bad_item: 'Falscher Datensatz',
    item_doesnt_exist: 'Den Datensatz gibt es nicht', http_error: 'Der Server antwortet nicht', data_provider_error: 'Fehler beim Holen der Daten.',
    i18n_error: 'Die Sprache kann nicht geladen werden', canceled: 'Abgebrochen', logged_out: 'Die Sitzung ist zu Ende. Bitte neu anmelden.',
    not_authorized: 'Dafür fehlt die Berechtigung.', application_update_available: 'Es gibt eine neue Version.', offline: 'Keine Verbindung.',
  },
  validation: {
    required: 'Wird benötigt', minLength: 'Mindestens %{min} Zeichen', maxLength: 'Höchstens %{max} Zeichen', minValue: 'Mindestens %{min}', maxValue: 'Höchstens %{max}',
    number: 'Muss eine Zahl sein', email: 'Muss eine E-Mail-Adresse sein', oneOf: 'Eines von: %{options}', regex: 'Muss dem Muster entsprechen: %{pattern}', unique: 'Muss einmalig sein',
  },
  saved_queries: {
    label: 'Gespeicherte Suchen', query_name: 'Name der Suche', new_label: 'Diese Suche speichern …', new_dialog_title: 'Suche speichern als', remove_label: 'Gespeicherte Suche entfernen',
    remove_label_with_name: 'Suche „%{name}“ entfernen', remove_dialog_title: 'Gespeicherte Suche entfernen?', remove_message: 'Diese Suche wirklich aus der Liste entfernen?',
    help: 'Die Liste filtern und die Suche für später speichern',
  },
};
