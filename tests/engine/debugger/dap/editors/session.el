;; A session of dape in Emacs without a terminal: launch, break, step, step back, inspect, evaluate, disconnect.
;; What happens is printed line by line. Environment: DAPE, PYTHON, PROGRAM.

(add-to-list 'load-path (getenv "DAPE"))
(require 'dape)
(setq dape-buffer-window-arrangement nil
      dape-stepping-granularity 'statement)
(add-to-list 'dape-mime-mode-alist '("text/x-python" . python-mode))
(add-to-list 'dape-configs
             `(stepgrad
               modes (python-mode python-ts-mode)
               command ,(getenv "PYTHON")
               command-args ("-m" "engine" "dap")
               :type "stepgrad"
               :request "launch"
               :program dape-buffer-default))

(defun dape-step-back (conn)
  "Step back."
  (interactive (list (dape--live-connection 'stopped)))
  (dape--next-like-command conn :stepBack))

(defun dape-reverse-continue (conn)
  "Run back to the previous breakpoint."
  (interactive (list (dape--live-connection 'stopped)))
  (dape--next-like-command conn :reverseContinue))

(defun say (&rest parts) (princ (concat (mapconcat (lambda (x) (format "%s" x)) parts " ") "\n")))
(defun settle ()
  (with-timeout (20 (error "nothing came"))
    (while (not (let ((conn (dape--live-connection 'stopped t)))
                  (and conn (zerop (jsonrpc-continuation-count conn))
                       (plist-get (dape--current-stack-frame conn) :name))))
      (accept-process-output nil 0.02)))
  (dotimes (_ 10) (accept-process-output nil 0.02)))
(defun here ()
  (settle)
  (let ((frame (dape--current-stack-frame (dape--live-connection 'stopped t))))
    (say "at" (plist-get frame :line) (plist-get frame :name))))

(find-file (getenv "PROGRAM"))
(python-mode)
(goto-char (point-min)) (forward-line 5)
(dape-breakpoint-toggle)
(dape (dape--config-eval 'stepgrad nil))
(here)
(dape-continue (dape--live-connection 'stopped)) (here)
(dape-next (dape--live-connection 'stopped)) (here)
(dape-step-back (dape--live-connection 'stopped)) (here)
(dape-continue (dape--live-connection 'stopped)) (here)
(dape-evaluate-expression (dape--live-connection 'stopped) "a.grad") (settle)
(dape-reverse-continue (dape--live-connection 'stopped)) (here)
(dape-quit)
(with-timeout (10 (error "it does not end")) (while (dape--live-connection 'parent t) (accept-process-output nil 0.02)))
(say "over")
