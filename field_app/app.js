/** The tablets' app. */
