/** The certificate of an app within a file of metadata. */

import { readCertificate } from '../directory/certificate.ts';
import { OrgError } from '../org-error.ts';
import { DeployProblem } from './deploy-problem.ts';

/**
 * PEM of a certificate, which may come with or without its armour, with any kind of line end.
 *
 * @throws DeployProblem
 */
export function certificateOf(text: string): string {
  const plain = text.replaceAll('\r', '');
  const isArmoured = plain.includes('-----BEGIN');
  const base64 = plain.replace(/\s/g, '');
  if (!isArmoured && !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    throw new DeployProblem('certificate', 'it is neither PEM nor base64');
  }
  try {
    return readCertificate(isArmoured ? plain : Buffer.from(base64, 'base64')).pem;
  } catch (error) {
    if (!(error instanceof OrgError)) throw error;
    throw new DeployProblem('certificate', error.message);
  }
}

/**
 * The certificate in a file that is retrieved: in the form in which it was deployed, with armour or
 * without. Both are seen in files of Salesforce.
 *
 * @param deployed the text that was deployed the last time
 */
export function certificateText(pem: string | undefined, deployed: string | undefined): string {
  if (pem === undefined) return '';
  const isArmoured = deployed === undefined || deployed.includes('-----BEGIN');
  return isArmoured ? pem.trim() : pem.replace(/-----[^-]+-----|\s/g, '');
}
